import { Fragment, type ReactNode } from 'react';
import type { Block, Fact, MailContent } from '../content.js';
import { SHEET, styles } from './styles.js';

export interface LayoutProps {
  language: string;
  /** What an inbox shows beside the subject. */
  preview: string;
  content: MailContent;
  support: string | null;
  footer: string[];
}

/** One column, no pictures, readable in dark mode and by a screen reader. */
export const Layout = ({ language, preview, content, support, footer }: LayoutProps) => (
  <html lang={language} dir="auto">
    <head>
      <meta httpEquiv="Content-Type" content="text/html; charset=utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <title>{content.subject}</title>
      <style dangerouslySetInnerHTML={{ __html: SHEET }} />
    </head>
    <body className="page" style={styles.page}>
      <div aria-hidden="true" style={styles.preview}>
        {preview}
      </div>
      <Cell className="page gutter" style={styles.gutter}>
        <div role="article" aria-label={content.subject} lang={language} style={styles.column}>
          <div className="accent" style={styles.brand}>
            Commissary
          </div>
          <div className="card" style={styles.card}>
            <h1 className="strong" style={styles.heading}>
              {content.heading}
            </h1>
            {content.blocks.map((block, index) => (
              <BlockView key={index} block={block} />
            ))}
            {support === null ? null : (
              <p className="muted line" style={styles.support}>
                {support}
              </p>
            )}
          </div>
          <div className="muted" style={styles.footer}>
            {footer.map((line, index) => (
              <p key={index} style={styles.footerLine}>
                {line}
              </p>
            ))}
          </div>
        </div>
      </Cell>
    </body>
  </html>
);

/** A table for the mail programs that only lay out tables. */
const Cell = (props: { className: string; style: React.CSSProperties; children: ReactNode }) => (
  <table role="presentation" width="100%" cellPadding="0" cellSpacing="0" border={0}>
    <tbody>
      <tr>
        <td align="center" className={props.className} style={props.style}>
          <table
            role="presentation"
            width="100%"
            cellPadding="0"
            cellSpacing="0"
            border={0}
            style={styles.column}
          >
            <tbody>
              <tr>
                <td align="left">{props.children}</td>
              </tr>
            </tbody>
          </table>
        </td>
      </tr>
    </tbody>
  </table>
);

const BlockView = ({ block }: { block: Block }) => {
  switch (block.kind) {
    case 'text':
      return (
        <p className="body" style={styles.text}>
          {block.text}
        </p>
      );
    case 'quote':
      return (
        <blockquote className="body line" style={styles.quote}>
          {block.lines.map((line, index) => (
            <Fragment key={index}>
              {index > 0 && <br />}
              {line}
            </Fragment>
          ))}
        </blockquote>
      );
    case 'facts':
      return <Facts rows={block.rows} />;
    case 'button':
      return (
        <div style={styles.action}>
          <a className="button" href={block.url} style={styles.button}>
            {block.label}
          </a>
        </div>
      );
    case 'link':
      return (
        <p className="body" style={styles.text}>
          <a className="accent" href={block.url} style={styles.link}>
            {block.label}
          </a>
        </p>
      );
  }
};

const Facts = ({ rows }: { rows: Fact[] }) => (
  <table style={styles.facts} className="line" cellPadding="0" cellSpacing="0">
    <tbody>
      {rows.map(({ label, value }, index) => (
        <tr key={index}>
          <th scope="row" className="muted line" style={styles.label}>
            {label}
          </th>
          <td className="strong line" style={styles.value}>
            {value}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
