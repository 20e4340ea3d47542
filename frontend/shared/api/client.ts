/** The typed HTTP client: CSRF header on unsafe requests, problem details as a thrown `Problem`. */
import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { paths } from './schema';
import type { ProblemBody } from './types';

/** A refusal by the server (`code` from problem details), or `offline` when it was not reached. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly body: Partial<ProblemBody> = {},
  ) {
    super(body.detail ?? code);
    this.name = 'Problem';
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export type ApiOptions = {
  baseUrl?: string;
  /** The token of the session in use, or null before there is one. */
  csrfToken: () => string | null;
  /** Called when the server no longer knows the session. */
  onSignedOut?: () => void;
  fetch?: (request: Request) => Promise<Response>;
};

export function createApi(options: ApiOptions): Client<paths> {
  const client = createClient<paths>({
    baseUrl: options.baseUrl ?? '',
    credentials: 'same-origin',
    // A repeated filter is `tag=a&tag=b`.
    querySerializer: { array: { style: 'form', explode: true } },
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  const guard: Middleware = {
    onRequest({ request }) {
      const token = options.csrfToken();
      if (token && !SAFE.has(request.method)) request.headers.set('X-CSRF-Token', token);
      return request;
    },
    async onResponse({ response }) {
      if (response.ok) return response;
      const problem = await problemOf(response);
      if (problem.code === 'not-authenticated' || problem.code === 'session-expired')
        options.onSignedOut?.();
      throw problem;
    },
    onError({ error }) {
      return error instanceof Problem ? error : new Problem('offline', 0);
    },
  };
  client.use(guard);
  return client;
}

/** Reads an unsuccessful response; one without problem details becomes `internal`. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
  return new Problem(body.code ?? 'internal', response.status, body);
}

/** The data of a call that succeeded; openapi-fetch types it as optional. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new Problem('internal', 0);
  return data;
}
