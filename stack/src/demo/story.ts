import { Buying } from './buying.js';
import { readMail, type SentMail } from './outside.js';
import type { Scene } from './scene.js';
import { Takeover } from './takeover.js';

/** E-mails of the acts, by recipient and template; the many of the assignments are only counted. */
const EXPECTED_MAILS: readonly (readonly [string, string])[] = [
  ['alex@contoso.example', 'receipt'],
  ['alex@contoso.example', 'canceled'],
  ['blake@contoso.example', 'cardDeclined'],
  ['casey@contoso.example', 'accessRemoved'],
  ['global.admin@contoso.example', 'moveCompleted'],
  ['billing.admin@contoso.example', 'purchaseAlert'],
];

/** The main job in its steps, each through HTTP with the person's own token. [RUN-1] */
export const tellStory = async (scene: Scene): Promise<void> => {
  const bought = await new Buying(scene).play();
  await new Takeover(scene).play(bought);
  await showMails(scene);
};

const showMails = async (scene: Scene): Promise<void> => {
  const { stage, addresses } = scene;
  stage.title('The e-mails that went out');
  const mails = await Promise.all(
    EXPECTED_MAILS.map(([to, template]) => readMail(addresses.mailUrl ?? '', to, template)),
  );
  const found = mails.filter((mail): mail is SentMail => mail !== null);
  stage.table(
    ['to', 'subject'],
    found.map((mail) => [mail.to.join(', '), mail.subject]),
  );
  scene.expect(found.length === EXPECTED_MAILS.length, 'every e-mail went out');
};
