export { type MailSenderOptions, MailSender, type OutgoingMail, type SendOutcome } from './mail-sender.js';
export { type MailRequest, type RenderedMail, renderMail, type TemplateWithParams } from './render-mail.js';
