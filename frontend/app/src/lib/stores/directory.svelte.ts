/** The people, teams, inboxes and tags of the desk; small, loaded once and kept. */
import { dataOf } from '$shared/api/client';
import type { Agent, Inbox, Tag, Team } from '$shared/api/types';
import { api, session } from './session.svelte';

class Directory {
  agents = $state.raw<readonly Agent[]>([]);
  teams = $state.raw<readonly Team[]>([]);
  inboxes = $state.raw<readonly Inbox[]>([]);
  tags = $state.raw<readonly Tag[]>([]);
  private readonly agentById = $derived(new Map(this.agents.map((agent) => [agent.id, agent])));
  private readonly teamById = $derived(new Map(this.teams.map((team) => [team.id, team])));
  private readonly inboxById = $derived(new Map(this.inboxes.map((inbox) => [inbox.id, inbox])));
  readonly assignable = $derived(this.agents.filter((agent) => agent.active));

  agent = (id: string | null | undefined) => (id ? this.agentById.get(id) : undefined);
  team = (id: string | null | undefined) => (id ? this.teamById.get(id) : undefined);
  inbox = (id: string | null | undefined) => (id ? this.inboxById.get(id) : undefined);

  async load(): Promise<void> {
    // Editors answer no tickets, and are not told of their tags.
    const tickets = session.may('tickets.read');
    const [agents, teams, inboxes, tags] = await Promise.all([
      dataOf(api.GET('/api/v1/agents')),
      dataOf(api.GET('/api/v1/teams')),
      dataOf(api.GET('/api/v1/inboxes')),
      tickets ? dataOf(api.GET('/api/v1/tags')) : { items: [] },
    ]);
    this.agents = agents.items;
    this.teams = teams.items;
    this.inboxes = inboxes.items;
    this.tags = tags.items;
  }

  putAgent(agent: Agent): void {
    const known = this.agentById.has(agent.id);
    this.agents = known
      ? this.agents.map((one) => (one.id === agent.id ? agent : one))
      : [...this.agents, agent];
  }

  putInbox(inbox: Inbox): void {
    const others = this.inboxes.filter((one) => one.id !== inbox.id);
    this.inboxes = [...others, inbox].sort((a, b) => a.name.localeCompare(b.name));
  }

  setOnline(id: string, online: boolean): void {
    const agent = this.agentById.get(id);
    if (agent && agent.online !== online) this.putAgent({ ...agent, online });
  }
}

export const directory = new Directory();
