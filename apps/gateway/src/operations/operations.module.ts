import { Global, Module } from '@nestjs/common';
import { AcceptService } from './accept.service.js';

@Global()
@Module({ providers: [AcceptService], exports: [AcceptService] })
export class OperationsModule {}
