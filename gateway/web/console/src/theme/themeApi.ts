// The endpoints of the theme, one function each; a picture is no JSON and goes by its own, which tells how far it is.
import { ApiProblem } from "@kit/client";
import type { Look, ThemeContent } from "@kit/theme";
import type { Page, Problem } from "@kit/types";
import { currentLocale } from "../i18n";
import { client, part } from "../transport";

export interface Theme {
  /** Counts the saved drafts; 0 before the first. */
  revision: number;
  saved_at: string | null;
  version: number;
  published_revision: number;
  published_at: string | null;
  draft: Look;
}

export interface ThemeVersion {
  version: number;
  revision: number;
  /** The version that it brought back. */
  restored: number | null;
  published_at: string;
  look: Look;
}

export const themeApi = {
  read: (signal?: AbortSignal) => client.get<Theme>("theme/draft", { signal }),
  /** What visitors see. */
  live: (signal?: AbortSignal) => client.get<Look>("theme", { signal }),
  save: (revision: number, content: ThemeContent) => client.put<Theme>("theme/draft", { body: { revision, content } }),
  publish: (revision: number) => client.post<Theme>("theme/publish", { body: { revision } }),
  restore: (version: number, revision: number) => client.post<Theme>(`theme/versions/${version}/restore`, { body: { revision } }),
  versions: (cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<ThemeVersion>>("theme/versions", { query: { cursor, limit: 20 }, signal }),
};

export interface Picture {
  id: string;
  state: string;
  token: string;
  files: { variant: string; url: string }[];
}

const CHECKS = 20;
const CHECK_PAUSE_MS = 1000;

/** Send a picture and wait until it was checked; `tell` hears the part that has left, 0 to 1. */
export async function sendPicture(file: File, tell: (part: number) => void): Promise<Picture> {
  let picture = await post(`/api/v1/uploads?purpose=theme_image&name=${encodeURIComponent(file.name.slice(-200))}`, file, tell);
  for (let i = 0; picture.state === "checking" && i < CHECKS; i += 1) {
    await new Promise((go) => setTimeout(go, CHECK_PAUSE_MS));
    picture = await client.get<Picture>(`uploads/${part(picture.token)}`);
  }
  if (picture.state !== "ready") throw new ApiProblem(refusal(0, null));
  return picture;
}

/** fetch tells nothing of what was sent, so this is the older XMLHttpRequest. */
function post(url: string, file: File, tell: (part: number) => void): Promise<Picture> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept-Language", currentLocale());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Requested-With", "console");
    request.upload.onprogress = ({ loaded, total }) => tell(total ? loaded / total : 0);
    request.onerror = () => reject(new ApiProblem(refusal(0, null)));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Picture);
      else reject(new ApiProblem(refusal(request.status, request.response as Problem | null)));
    };
    request.send(file);
  });
}

function refusal(status: number, told: Problem | null): Problem {
  const message = currentLocale() === "zh" ? "图片没有上传成功，请重试。" : "The picture did not arrive. Please try again.";
  return { code: "client.not_sent", message, ...told, status };
}
