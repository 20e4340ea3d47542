/** One ticking clock for every countdown on screen, in the server's time. */

const TICK_MS = 1000;

class Clock {
  /** Server time in ms, renewed every second. */
  now = $state(Date.now());
  private offset = 0;

  constructor() {
    setInterval(() => this.tick(), TICK_MS);
    document.addEventListener('visibilitychange', () => this.tick());
  }

  /** Takes the server's time as just received. */
  correct(serverTime: string): void {
    this.offset = Date.parse(serverTime) - Date.now();
    this.tick();
  }

  /** The server's time right now, as it writes it. */
  iso(): string {
    return new Date(Date.now() + this.offset).toISOString();
  }

  private tick(): void {
    if (!document.hidden) this.now = Date.now() + this.offset;
  }
}

export const clock = new Clock();
