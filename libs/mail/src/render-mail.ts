import type { NotificationParams, NotificationTemplate } from '@commissary/contracts';
import { type MailContent, type Template, text, type Tools } from './content.js';
import { renderHtml } from './html/render-html.js';
import { languageOf } from './language.js';
import { isWebAddress, linksTo } from './links.js';
import { plainLine, plainText } from './plain-line.js';
import { renderText } from './render-text.js';
import { TEMPLATES } from './templates/index.js';

/** A template with the parameters that belong to it. */
export type TemplateWithParams = {
  [T in NotificationTemplate]: { template: T; params: NotificationParams<T> };
}[NotificationTemplate];

export type MailRequest = TemplateWithParams & {
  /** `locale` is a BCP 47 tag; a language that has no texts yet gets English. */
  recipient: { email: string; displayName: string; locale: string };
  links: { publicUrl: string };
  /** Its part before the `@` is named in the footer, for a reader to quote to a help desk. */
  messageId: string;
};

export interface RenderedMail {
  /** One line, without control characters. */
  subject: string;
  html: string;
  text: string;
}

/** Says one notification in the recipient's language, as HTML and as text. [MSG-1, MSG-2, MSG-4] */
export const renderMail = async (request: MailRequest): Promise<RenderedMail> => {
  const { tag, t, format } = languageOf(request.recipient.locale);
  const tools = { t, format, links: linksTo(request.links.publicUrl) };
  const said = contentOf(request, tools);
  const greeting = text(t('layout.greeting', { name: plainLine(request.recipient.displayName) }));
  const content = withoutUnsafeLinks({ ...said, blocks: [greeting, ...said.blocks] });
  const support = content.support ? t('layout.support') : null;
  const reference = request.messageId.replace(/^<|@.*$/g, '');
  const footer = [t('layout.sentBy'), t('layout.reference', { reference })];
  return {
    subject: content.subject,
    html: await renderHtml({ language: tag, preview: previewOf(said), content, support, footer }),
    text: renderText(content, support, footer),
  };
};

const contentOf = (request: TemplateWithParams, tools: Tools): MailContent => {
  // The union keeps template and params together; indexing by one of them loses that for the compiler alone.
  const template = TEMPLATES[request.template] as Template<NotificationTemplate>;
  const content = template(plainLines(request.params), tools);
  return { ...content, subject: plainLine(content.subject) };
};

const previewOf = ({ blocks, heading }: MailContent): string =>
  blocks.find((block) => block.kind === 'text')?.text ?? heading;

/** A parameter of this name is several lines of somebody's own words. */
const SEVERAL_LINES = 'message';

/** Every text in the parameters, nested ones too, made one plain line; `message` keeps its lines. */
const plainLines = <T>(value: T): T => {
  if (typeof value === 'string') return plainLine(value) as T;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner) => plainLines<unknown>(inner)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      key === SEVERAL_LINES && typeof inner === 'string' ? plainText(inner) : plainLines(inner),
    ]),
  ) as T;
};

const withoutUnsafeLinks = (content: MailContent): MailContent => ({
  ...content,
  blocks: content.blocks.filter((block) => !('url' in block) || isWebAddress(block.url)),
});
