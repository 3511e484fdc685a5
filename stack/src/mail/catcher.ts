/** An SMTP server that keeps every mail it is given, and can be told to fail as real ones do. */
import { createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type MailFaultMode, type MailFaults, MailFaultSwitch } from './faults.js';
import { Mailbox } from './mailbox.js';

type Done = (error?: (Error & { responseCode?: number }) | null) => void;

const REFUSALS: Partial<Record<MailFaultMode, { responseCode: number; message: string }>> = {
  refuse451: { responseCode: 451, message: '4.3.0 try again later' },
  refuse550: { responseCode: 550, message: '5.1.1 no such mailbox' },
};

const read = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export class MailCatcher {
  readonly mailbox = new Mailbox();
  private readonly faults = new MailFaultSwitch();
  private readonly smtp: SMTPServer;
  /** Stands before the SMTP server, so that "down" refuses the connection itself. */
  private readonly gate: Server;
  private readonly sockets = new Map<number, Socket>();

  constructor(
    private readonly port: number,
    private readonly host: string,
  ) {
    this.smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      hideSTARTTLS: true,
      logger: false,
      onData: (stream, session, done) => void this.receive(stream, session, done),
    });
    // Clients that vanish in the middle of a mail are part of the game.
    this.smtp.on('error', () => undefined);
    this.gate = createServer((socket) => this.admit(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.gate.once('error', reject);
      this.gate.listen(this.port, this.host, () => {
        this.gate.off('error', reject);
        resolve();
      });
    });
  }

  /** "down" without a count closes the port, and opens it again with the next call. */
  async setFaults(faults: MailFaults): Promise<MailFaults> {
    this.faults.set(faults);
    const closed = faults.mode === 'down' && faults.count === undefined;
    if (closed && this.gate.listening) await this.close();
    if (!closed && !this.gate.listening) await this.listen();
    return this.faults.current();
  }

  /** Stops listening and cuts what is connected. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.gate.listening) this.gate.close(() => resolve());
      else resolve();
      for (const socket of this.sockets.values()) socket.destroy();
    });
  }

  private admit(socket: Socket): void {
    if (this.faults.take('connection') === 'down') {
      socket.destroy();
      return;
    }
    const port = socket.remotePort ?? 0;
    this.sockets.set(port, socket);
    socket.once('close', () => this.sockets.delete(port));
    this.smtp.server.emit('connection', socket);
  }

  private async receive(stream: SMTPServerDataStream, session: SMTPServerSession, done: Done): Promise<void> {
    const raw = await read(stream as AsyncIterable<Buffer>);
    const fault = this.faults.take('message');
    const refused = REFUSALS[fault];
    if (refused) {
      done(Object.assign(new Error(refused.message), { responseCode: refused.responseCode }));
      return;
    }
    const { mailFrom, rcptTo } = session.envelope;
    this.mailbox.add(
      mailFrom === false ? '' : mailFrom.address,
      rcptTo.map((recipient) => recipient.address),
      raw,
    );
    // The mail is taken but its sender never hears so.
    if (fault === 'dropAfterData') this.sockets.get(session.remotePort)?.destroy();
    else done();
  }
}
