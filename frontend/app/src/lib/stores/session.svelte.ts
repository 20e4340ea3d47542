/** Who is signed in, and the HTTP client that speaks for them. */
import { createApi, dataOf, Problem } from '$shared/api/client';
import type { Acceptance, Agent, NewOwner, Session } from '$shared/api/types';

class SessionStore {
  current = $state.raw<Session | null>(null);
  /** `unknown` until the server was asked once. */
  state = $state<'unknown' | 'in' | 'out' | 'unreachable'>('unknown');

  get agent(): Agent | null {
    return this.current?.agent ?? null;
  }

  get myId(): string {
    return this.current?.agent.id ?? '';
  }

  may(permission: string): boolean {
    return this.current?.permissions.includes(permission) ?? false;
  }

  async restore(): Promise<void> {
    try {
      this.enter(await dataOf(api.GET('/api/v1/session')));
    } catch (error) {
      this.state = error instanceof Problem && error.status === 401 ? 'out' : 'unreachable';
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.enter(await dataOf(api.POST('/api/v1/session', { body: { email, password } })));
  }

  /** Becomes the first owner of an empty desk. */
  async begin(body: NewOwner): Promise<void> {
    this.enter(await dataOf(api.POST('/api/v1/start/owner', { body })));
  }

  /** Takes an invitation up. */
  async join(body: Acceptance): Promise<void> {
    this.enter(await dataOf(api.POST('/api/v1/invitations/accept', { body })));
  }

  async signOut(): Promise<void> {
    await api.DELETE('/api/v1/session');
    this.leave();
  }

  leave(): void {
    this.current = null;
    this.state = 'out';
  }

  /** Takes a changed profile of the person signed in. */
  renew(agent: Agent): void {
    if (this.current) this.current = { ...this.current, agent };
  }

  private enter(session: Session): void {
    this.current = session;
    this.state = 'in';
  }
}

export const session = new SessionStore();

export const api = createApi({
  csrfToken: () => session.current?.csrf_token ?? null,
  onSignedOut: () => {
    if (session.state === 'in') session.leave();
  },
});
