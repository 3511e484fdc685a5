import { hkdfSync } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { GatewayEnv } from '@commissary/platform';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { z } from 'zod';
import { ENV } from '../connections/tokens.js';

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

  constructor(@Inject(ENV) env: GatewayEnv) {
    this.key = new Uint8Array(hkdfSync('sha256', env.SESSION_SECRET, '', 'commissary sealed cookies', 32));
    this.secure = env.PUBLIC_URL.startsWith('https:');
  }

  async set<T extends z.ZodObject>(
    reply: FastifyReply,
    cookie: SealedCookie<T>,
    content: z.infer<T>,
  ): Promise<void> {
    const sealed = await new EncryptJWT(content)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(cookie.name)
      .setExpirationTime(`${cookie.seconds} s`)
      .encrypt(this.key);
    this.write(reply, cookie, sealed, cookie.seconds);
  }

  clear(reply: FastifyReply, cookie: SealedCookie<z.ZodObject>): void {
    this.write(reply, cookie, '', 0);
  }

  /** Null for none, a forged one or one whose time is over. */
  async read<T extends z.ZodObject>(
    request: FastifyRequest,
    cookie: SealedCookie<T>,
  ): Promise<z.infer<T> | null> {
    const sealed = parseCookie(request.headers.cookie ?? '')[cookie.name];
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

  private write(
    reply: FastifyReply,
    { name, path }: SealedCookie<z.ZodObject>,
    value: string,
    maxAge: number,
  ): void {
    const attributes = { path, maxAge, httpOnly: true, sameSite: 'lax', secure: this.secure } as const;
    void reply.header('set-cookie', stringifySetCookie({ name, value, ...attributes }));
  }
}
