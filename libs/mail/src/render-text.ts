import type { Block, MailContent } from './content.js';

/** The text part: the same words as the HTML part, for readers and programs without HTML. [MSG-2] */
export const renderText = (content: MailContent, support: string | null, footer: string[]): string =>
  [
    content.heading,
    ...content.blocks.map(blockText),
    ...(support === null ? [] : [support]),
    // The mark before a signature, which mail programs fold away.
    ['-- ', 'Commissary', ...footer].join('\n'),
  ].join('\n\n') + '\n';

const blockText = (block: Block): string => {
  switch (block.kind) {
    case 'text':
      return block.text;
    case 'quote':
      // Marked at each line, so that nobody's words pass for ours.
      return block.lines.map((line) => `> ${line}`.trimEnd()).join('\n');
    case 'facts':
      return block.rows.map(({ label, value }) => `${label}: ${value}`).join('\n');
    case 'button':
    case 'link':
      return `${block.label}:\n${block.url}`;
  }
};
