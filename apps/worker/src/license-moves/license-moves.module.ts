import { Module } from '@nestjs/common';
import { OperationsModule } from '../operations/operations.module.js';
import { LicenseMovesProcessor } from './license-moves.processor.js';
import { MoveChunks } from './move-chunks.js';
import { MoveEnding } from './move-ending.js';
import { MoveLicensesHandler } from './move-licenses.handler.js';

@Module({
  imports: [OperationsModule],
  providers: [MoveLicensesHandler, MoveChunks, MoveEnding, LicenseMovesProcessor],
})
export class LicenseMovesModule {}
