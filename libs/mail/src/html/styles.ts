import type { CSSProperties } from 'react';

/** Inline, for many mail programs drop style sheets; the sheet below only adds the dark colours and the small screen. */
const FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

export const styles = {
  page: { margin: 0, padding: 0, backgroundColor: '#f3f4f6', width: '100%' },
  preview: {
    display: 'none',
    maxHeight: 0,
    overflow: 'hidden',
    fontSize: '1px',
    lineHeight: '1px',
    opacity: 0,
  },
  gutter: { padding: '32px 16px' },
  column: { width: '100%', maxWidth: '560px', margin: '0 auto' },
  brand: {
    padding: '0 4px 16px',
    font: `600 15px/20px ${FONT}`,
    letterSpacing: '0.02em',
    color: '#1f4fbf',
  },
  card: {
    padding: '32px 32px 16px',
    backgroundColor: '#ffffff',
    border: '1px solid #dfe3ea',
    borderRadius: '10px',
  },
  heading: { margin: '0 0 16px', font: `600 24px/32px ${FONT}`, color: '#16191f' },
  text: { margin: '0 0 16px', font: `400 16px/24px ${FONT}`, color: '#2b313b' },
  quote: {
    margin: '0 0 16px',
    padding: '4px 0 4px 16px',
    borderLeft: '3px solid #dfe3ea',
    font: `400 16px/24px ${FONT}`,
    color: '#2b313b',
    overflowWrap: 'anywhere',
  },
  facts: { width: '100%', margin: '8px 0 24px', borderCollapse: 'collapse', borderTop: '1px solid #dfe3ea' },
  label: {
    width: '38%',
    padding: '10px 16px 10px 0',
    borderBottom: '1px solid #dfe3ea',
    font: `400 14px/20px ${FONT}`,
    textAlign: 'left',
    verticalAlign: 'top',
    color: '#586071',
  },
  value: {
    padding: '10px 0',
    borderBottom: '1px solid #dfe3ea',
    font: `500 14px/20px ${FONT}`,
    textAlign: 'left',
    verticalAlign: 'top',
    color: '#16191f',
    overflowWrap: 'anywhere',
  },
  action: { margin: '24px 0' },
  button: {
    display: 'inline-block',
    padding: '12px 22px',
    borderRadius: '6px',
    backgroundColor: '#1f4fbf',
    font: `600 16px/20px ${FONT}`,
    color: '#ffffff',
    textDecoration: 'none',
  },
  link: { color: '#1f4fbf', textDecoration: 'underline' },
  support: {
    margin: '24px 0 16px',
    paddingTop: '16px',
    borderTop: '1px solid #dfe3ea',
    font: `400 14px/20px ${FONT}`,
    color: '#586071',
  },
  footer: { padding: '16px 4px 0', font: `400 13px/20px ${FONT}`, color: '#586071' },
  footerLine: { margin: '0 0 4px', overflowWrap: 'anywhere' },
} satisfies Record<string, CSSProperties>;

export const SHEET = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) { .card { padding: 24px 20px 8px !important; } .gutter { padding: 20px 10px !important; } }
@media (prefers-color-scheme: dark) {
  .page { background-color: #14171c !important; }
  .card { background-color: #1d2128 !important; border-color: #343b47 !important; }
  .strong { color: #f2f4f8 !important; }
  .body { color: #d6dae2 !important; }
  .muted { color: #a3acbb !important; }
  .line { border-color: #343b47 !important; }
  .accent { color: #8fb2ff !important; }
  .button { background-color: #3767d6 !important; color: #ffffff !important; }
}
`;
