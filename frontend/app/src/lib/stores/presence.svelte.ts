/** Who else is on a ticket, what they are doing there, and whether the customer is typing. */

export type Mode = 'viewing' | 'replying' | 'noting';
export type Viewer = { sid: string; agentId: string; mode: Mode; at: number };

const SILENT_MS = 45_000;
const TYPING_MS = 8_000;
const SWEEP_MS = 5_000;

class Presence {
  private viewers = $state.raw<ReadonlyMap<string, readonly Viewer[]>>(new Map());
  private typing = $state.raw<ReadonlyMap<string, { name: string; until: number }>>(new Map());

  constructor() {
    setInterval(() => this.sweep(), SWEEP_MS);
  }

  /** Other agents on a ticket, one entry each, the busiest first. */
  on(ticketId: string, me: string): Viewer[] {
    const byAgent = new Map<string, Viewer>();
    for (const viewer of this.viewers.get(ticketId) ?? []) {
      if (viewer.agentId === me) continue;
      const held = byAgent.get(viewer.agentId);
      if (!held || held.mode === 'viewing') byAgent.set(viewer.agentId, viewer);
    }
    return [...byAgent.values()].sort(
      (a, b) => Number(a.mode === 'viewing') - Number(b.mode === 'viewing'),
    );
  }

  typingOn(ticketId: string): string | null {
    return this.typing.get(ticketId)?.name ?? null;
  }

  view(ticketId: string, viewer: Omit<Viewer, 'at'>): void {
    const others = (this.viewers.get(ticketId) ?? []).filter((one) => one.sid !== viewer.sid);
    this.setViewers(ticketId, [...others, { ...viewer, at: Date.now() }]);
  }

  unview(ticketId: string, sid: string): void {
    this.setViewers(
      ticketId,
      (this.viewers.get(ticketId) ?? []).filter((one) => one.sid !== sid),
    );
  }

  type(ticketId: string, name: string, on: boolean): void {
    const typing = new Map(this.typing);
    if (on) typing.set(ticketId, { name, until: Date.now() + TYPING_MS });
    else typing.delete(ticketId);
    this.typing = typing;
  }

  clear(): void {
    this.viewers = new Map();
    this.typing = new Map();
  }

  private setViewers(ticketId: string, viewers: readonly Viewer[]): void {
    this.viewers = new Map(this.viewers).set(ticketId, viewers);
  }

  private sweep(): void {
    const now = Date.now();
    for (const [id, viewers] of this.viewers) {
      const alive = viewers.filter((viewer) => now - viewer.at < SILENT_MS);
      if (alive.length < viewers.length) this.setViewers(id, alive);
    }
    for (const [id, { name, until }] of this.typing) if (until < now) this.type(id, name, false);
  }
}

export const presence = new Presence();
