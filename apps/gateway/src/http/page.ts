import type { FastifyReply } from 'fastify';

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#1b1b1f}h1{font-size:1.4rem}';

/** A small page of our own: no scripts, nothing from elsewhere. `html` is trusted, the title is not. */
export const sendPage = (reply: FastifyReply, status: number, title: string, html: string): void => {
  const name = escapeHtml(title);
  void reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    })
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name} - Commissary</title>` +
        `<style>${STYLE}</style></head><body><h1>${name}</h1>${html}</body></html>`,
    );
};
