import { Controller, Get } from '@nestjs/common';
import { type ListView, ownLicenseListSchema, type OwnLicenseView } from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { LicenseReader } from './license-reader.service.js';

@Controller('v1/me/licenses')
export class MyLicensesController {
  constructor(private readonly reader: LicenseReader) {}

  /** What may I use? */
  @Get()
  @Requires('self.read')
  @Answers(200, ownLicenseListSchema)
  list(@Caller() ctx: RequestContext): Promise<ListView<OwnLicenseView>> {
    return this.reader.usableByCaller(ctx);
  }
}
