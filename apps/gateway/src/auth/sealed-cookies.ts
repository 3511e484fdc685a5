import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { GatewayEnv } from '@commissary/platform';
import { parseCookie, stringifySetCookie } from 'cookie';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { z } from 'zod';

export interface SealedCookie<T extends z.ZodObject> {
  name: string;
  path: string;
  seconds: number;
  schema: T;
}

/** Cookies whose content only this installation can read or make, good for a time. */
@Injectable()
export class SealedCookies {
  private readonly key: Uint8Array;
  private readonly secure: boolean;

  constructor(config: ConfigService<GatewayEnv, true>) {
    const secret = config.get('SESSION_SECRET', { infer: true });
    this.key = new Uint8Array(hkdfSync('sha256', secret, '', 'commissary sealed cookies', 32));
    this.secure = config.get('PUBLIC_URL', { infer: true }).startsWith('https:');
  }

  /** The header `Set-Cookie` that gives a browser the cookie. */
  async sealed<T extends z.ZodObject>(cookie: SealedCookie<T>, content: z.infer<T>): Promise<string> {
    const sealed = await new EncryptJWT(content)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(cookie.name)
      .setExpirationTime(`${cookie.seconds} s`)
      .encrypt(this.key);
    return this.header(cookie, sealed, cookie.seconds);
  }

  /** The header `Set-Cookie` that takes the cookie away from a browser. */
  cleared(cookie: SealedCookie<z.ZodObject>): string {
    return this.header(cookie, '', 0);
  }

  /** The content of the cookie in a header `Cookie`; null for none, a forged one or one whose time is over. */
  async read<T extends z.ZodObject>(
    header: string | undefined,
    cookie: SealedCookie<T>,
  ): Promise<z.infer<T> | null> {
    const sealed = parseCookie(header ?? '')[cookie.name];
    if (!sealed) return null;
    try {
      const { payload } = await jwtDecrypt(sealed, this.key, {
        audience: cookie.name,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
      });
      return cookie.schema.parse(payload);
    } catch {
      return null;
    }
  }

  private header({ name, path }: SealedCookie<z.ZodObject>, value: string, maxAge: number): string {
    const attributes = { path, maxAge, httpOnly: true, sameSite: 'lax', secure: this.secure } as const;
    return stringifySetCookie({ name, value, ...attributes });
  }
}
