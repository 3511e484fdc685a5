import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Public, Requires } from './access.decorators.js';
import { AccessDeclared } from './access-declared.js';

@Controller('declared')
class DeclaredController {
  @Get('a')
  @Public()
  open() {
    return null;
  }

  @Get('b')
  @Requires('self.read')
  guarded() {
    return this.helper();
  }

  private helper() {
    return null;
  }
}

@Controller('whole')
@Requires('self.read')
class WholeController {
  @Get()
  list() {
    return null;
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  open() {
    return null;
  }
}

const start = async (...controllers: Type[]): Promise<void> => {
  @Module({ imports: [DiscoveryModule], controllers, providers: [AccessDeclared] })
  class TestModule {}
  const context = await NestFactory.createApplicationContext(TestModule, {
    logger: false,
    abortOnError: false,
  });
  await context.close();
};

describe('access of routes', () => {
  it('[OPS-1, API] has to be declared on the method or its controller, or the gateway does not start', async () => {
    await expect(start(DeclaredController, WholeController)).resolves.toBeUndefined();
    await expect(start(DeclaredController, ForgottenController)).rejects.toThrow('ForgottenController.open');
  });
});
