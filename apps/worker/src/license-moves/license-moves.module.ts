import { Module } from '@nestjs/common';
import { Authority } from '../operations/authority.js';
import { Courtesy } from '../operations/courtesy.js';
import { Refunds } from '../refunds/refunds.js';
import { LicenseMovesProcessor } from './license-moves.processor.js';
import { MoveChunks } from './move-chunks.js';
import { MoveEnding } from './move-ending.js';
import { MoveLicensesHandler } from './move-licenses.handler.js';

@Module({
  providers: [
    MoveLicensesHandler,
    MoveChunks,
    MoveEnding,
    Authority,
    Courtesy,
    Refunds,
    LicenseMovesProcessor,
  ],
})
export class LicenseMovesModule {}
