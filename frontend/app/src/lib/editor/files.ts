/** A picture of an article on its way up. fetch() cannot tell upload progress. */
import { Problem } from '$shared/api/client';
import type { ArticleFile } from '$shared/api/types';
import { session } from '../stores/session.svelte';

export function uploadPicture(
  articleId: string,
  file: File,
  alt: string,
  onprogress: (share: number) => void,
): Promise<ArticleFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/articles/${articleId}/files`);
    request.responseType = 'json';
    request.setRequestHeader('X-CSRF-Token', session.current?.csrf_token ?? '');
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onprogress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve(request.response as ArticleFile);
      else {
        const body = (request.response ?? {}) as { code?: string };
        reject(new Problem(body.code ?? 'internal', request.status, body));
      }
    };
    request.onerror = () => reject(new Problem('offline', 0));
    const form = new FormData();
    form.append('alt', alt);
    form.append('file', file);
    request.send(form);
  });
}
