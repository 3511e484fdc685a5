import { Module } from '@nestjs/common';
import { ProductViewsRepository } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { ProductsController } from './products.controller.js';
import { ProductsService } from './products.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [ProductsController],
  providers: [provideRepository(ProductViewsRepository), ProductsService],
})
export class ProductsModule {}
