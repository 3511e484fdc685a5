import { Module } from '@nestjs/common';
import { Refunds } from '../refunds/refunds.js';
import { LicenseMovesProcessor } from './license-moves.processor.js';
import { MoveChunks } from './move-chunks.js';
import { MoveEnding } from './move-ending.js';
import { MoveLicensesHandler } from './move-licenses.handler.js';

@Module({ providers: [MoveLicensesHandler, MoveChunks, MoveEnding, Refunds, LicenseMovesProcessor] })
export class LicenseMovesModule {}
