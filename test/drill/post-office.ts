import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Dice } from './dice.ts';

/** A message that the server has, whatever it said of it. */
export interface Posted {
  readonly messageId: string;
  readonly recipient: string;
  readonly subject: string;
}

/** How the server behaves with a message: what it does before it takes it, and after. */
const MISHAPS = ['slow', 'drops before', 'says later', 'drops after', 'hangs after'] as const;
type Mishap = (typeof MISHAPS)[number];
const LONGEST_MS = 2500;

/**
 * A slow mail server: most messages wait, some are sent away, and of some the sender never learns that they were taken, because the connection is cut
 * or nothing is said any more. It writes down each message that it has.
 */
export class PostOffice {
  readonly posted: Posted[] = [];
  readonly mishaps: Record<string, number> = {};
  /** Takes everything at once from now on. */
  calm = false;
  readonly #dice: Dice;
  readonly #server: SMTPServer;
  readonly #sockets = new Map<number, Socket>();

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 10,
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => void this.#take(Buffer.concat(chunks).toString('latin1'), session, done));
      },
    });
    this.#server.on('error', () => {});
    (this.#server.server as Server).on('connection', (socket) => {
      const port = socket.remotePort ?? 0;
      this.#sockets.set(port, socket);
      socket.once('close', () => this.#sockets.delete(port));
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    const address = this.#server.server.address();
    if (address === null || typeof address === 'string') throw new Error('the post office has no address');
    return `smtp://127.0.0.1:${address.port}`;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy();
    return new Promise((done) => this.#server.close(() => done()));
  }

  async #take(
    message: string,
    session: SMTPServerSession,
    done: (error?: Error | null, answer?: string) => void,
  ): Promise<void> {
    const mishap = this.#mishap();
    if (mishap) this.mishaps[mishap] = (this.mishaps[mishap] ?? 0) + 1;
    const cut = (): void => void this.#sockets.get(session.remotePort)?.destroy();
    if (mishap) await sleep(this.#dice(LONGEST_MS));
    if (mishap === 'says later') return done(Object.assign(new Error('later'), { responseCode: 451 }));
    if (mishap === 'drops before') return cut();
    this.posted.push({
      messageId: headerOf(message, 'Message-ID'),
      recipient: session.envelope.rcptTo.map(({ address }) => address).join(),
      subject: headerOf(message, 'Subject'),
    });
    if (mishap === 'drops after') return cut();
    if (mishap === 'hangs after') await sleep(LONGEST_MS).then(cut);
    else done();
  }

  #mishap(): Mishap | undefined {
    if (this.calm || this.#dice(3) > 0) return undefined;
    return MISHAPS[this.#dice(MISHAPS.length)];
  }
}

function headerOf(message: string, name: string): string {
  const head = message.slice(0, message.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
}
