export { MailSender, type SendOutcome } from './mail-sender.js';
export { renderMail } from './render-mail.js';
