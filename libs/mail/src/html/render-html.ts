import { render } from '@react-email/render';
import { createElement } from 'react';
import { Layout, type LayoutProps } from './layout.js';

/**
 * React lays out a page in half a millisecond, as long as sending a mail takes. Mails of one kind differ in their words only, so
 * the layout is rendered once per shape, with slots for the words, and then filled for each mail.
 */
const skeletons = new Map<string, Promise<string[]>>();
const MOST_SKELETONS = 500;
/** Private-use characters, which no layout contains. */
const SLOT = /\uE000(\d+)\uE001/;

export const renderHtml = async (props: LayoutProps): Promise<string> => {
  const words: string[] = [];
  const slotted = withSlots(props, words);
  const shape = JSON.stringify(slotted);
  let skeleton = skeletons.get(shape);
  if (!skeleton) {
    skeleton = renderSkeleton(slotted);
    if (skeletons.size >= MOST_SKELETONS) skeletons.clear();
    skeletons.set(shape, skeleton);
    skeleton.catch(() => skeletons.delete(shape));
  }
  // What lies between the slots is at even places, the number of a slot at odd ones.
  const parts = await skeleton;
  return parts
    .map((part, index) => (index % 2 === 0 ? part : escapeHtml(words[Number(part)] ?? '')))
    .join('');
};

const renderSkeleton = async (props: LayoutProps): Promise<string[]> =>
  (await render(createElement(Layout, props))).split(SLOT);

/** The same content with each text replaced by its slot; `words` takes the texts. */
const withSlots = (props: LayoutProps, words: string[]): LayoutProps => {
  const slot = (word: string): string => `\uE000${words.push(word) - 1}\uE001`;
  const { content } = props;
  return {
    language: slot(props.language),
    preview: slot(props.preview),
    content: {
      ...content,
      subject: slot(content.subject),
      heading: slot(content.heading),
      blocks: content.blocks.map((block) => {
        switch (block.kind) {
          case 'text':
            return { ...block, text: slot(block.text) };
          case 'quote':
            return { ...block, lines: block.lines.map(slot) };
          case 'facts':
            return {
              ...block,
              rows: block.rows.map((row) => ({ label: slot(row.label), value: slot(row.value) })),
            };
          case 'button':
          case 'link':
            return { ...block, label: slot(block.label), url: slot(block.url) };
        }
      }),
    },
    support: props.support === null ? null : slot(props.support),
    footer: props.footer.map(slot),
  };
};

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
};

/** Safe in text and in quoted attributes alike, as React would have it. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
