import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type Access, ACCESS } from './access.decorators.js';

const PATH_METADATA = 'path';

/** A route that says neither `@Requires` nor `@Public` stops the start: none is open by forgetting. */
@Injectable()
export class AccessDeclared implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isUndeclaredRoute(prototype[name], metatype))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (undeclared.length > 0) {
      throw new Error(`Routes without @Requires or @Public: ${undeclared.join(', ')}`);
    }
  }

  private isUndeclaredRoute(handler: (() => unknown) | undefined, controller: object): boolean {
    if (!handler || !Reflect.hasMetadata(PATH_METADATA, handler)) return false;
    const targets = [handler, controller as () => unknown];
    return this.reflector.getAllAndOverride<Access | undefined>(ACCESS, targets) === undefined;
  }
}
