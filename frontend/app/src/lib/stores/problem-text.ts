/** A refusal in the reader's words. */
import { Problem } from '$shared/api/client';
import { m } from '$lib/words/app';

export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return m.problem_internal();
  switch (error.code) {
    case 'offline':
      return m.problem_offline();
    case 'bad-credentials':
      return m.problem_credentials();
    case 'forbidden':
      return m.problem_forbidden();
    case 'not-found':
      return m.problem_not_found();
    case 'conflict':
      return m.problem_conflict();
    case 'too-late':
      return m.problem_too_late();
    case 'too-large':
      return m.problem_too_large();
    case 'rate-limited':
      return m.problem_rate({ seconds: error.body.retry_after ?? 60 });
    case 'session-expired':
    case 'not-authenticated':
      return m.problem_session();
    case 'invalid':
    case 'duplicate':
      return error.body.errors?.[0]?.message ?? error.body.detail ?? m.problem_invalid();
    default:
      return m.problem_internal();
  }
}
