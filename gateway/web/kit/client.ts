// Speaks HTTP with the gateway: turns problem+json into ApiProblem; knows no framework and no page.
import type { Alternative, Obstacle } from "./scheduling";
import type { FieldError, Locale, Problem } from "./types";

export interface TransportRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  signal?: unknown;
}

export interface TransportAnswer {
  status: number;
  text: string;
  header(name: string): string | null;
}

/** Carries one request; the default uses fetch, a mini-program passes its own. */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

export interface ClientOptions {
  baseUrl?: string;
  locale: () => Locale;
  transport?: Transport;
  onUnauthenticated?: (problem: ApiProblem) => void;
}

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

export interface CallOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  idempotencyKey?: string;
  signal?: unknown;
}

export interface Client {
  get<Answer>(path: string, options?: CallOptions): Promise<Answer>;
  post<Answer>(path: string, options?: CallOptions): Promise<Answer>;
  put<Answer>(path: string, options?: CallOptions): Promise<Answer>;
  delete(path: string, options?: CallOptions): Promise<void>;
}

/** Anything the gateway refused, or that kept us from reaching it; `message` is for people. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];
  /** Other starts for the same wish; other people and branches are in `everyAlternative`. */
  readonly alternatives: Alternative[];
  readonly everyAlternative: Alternative[];
  /** What lies in the way of something that was dragged or blocked. */
  readonly obstacles: Obstacle[];
  readonly correlationId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly problem: Problem;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.message);
    Object.setPrototypeOf(this, ApiProblem.prototype);
    this.name = "ApiProblem";
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
    this.everyAlternative = problem.alternatives ?? [];
    this.alternatives = this.everyAlternative.filter(({ kind }) => !kind || kind === "time");
    this.obstacles = problem.obstacles ?? [];
    this.correlationId = problem.correlation_id ?? null;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether sending the same request again may succeed. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 429;
  }

  /** Whether the time itself is what cannot be had; others may be among the alternatives. */
  get isTaken(): boolean {
    return this.code === "scheduling.slot_taken" || this.code === "scheduling.quota_reached";
  }

  errorAt(pointer: string): string | null {
    return this.errors.find((error) => error.pointer === pointer)?.message ?? null;
  }
}

const NETWORK_MESSAGE = {
  zh: "网络连接中断，请检查网络后重试。",
  en: "The connection was lost. Check the network and try again.",
};
const UNEXPECTED_MESSAGE = {
  zh: "服务暂时无法响应，请稍后再试。",
  en: "The service gave an unexpected answer. Try again in a moment.",
};

const ACCEPT_LANGUAGE = { zh: "zh-CN,zh;q=0.9,en;q=0.5", en: "en,zh;q=0.5" };

/** Make a key that lets the gateway recognise a repeated request as the same one. */
export function newIdempotencyKey(): string {
  const source = (globalThis as { crypto?: Crypto }).crypto;
  if (source?.randomUUID) return source.randomUUID(); // only in secure contexts
  const bytes = new Uint8Array(16);
  if (source?.getRandomValues) source.getRandomValues(bytes);
  else for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(Math.random() * 256);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function queryString(query: Query = {}): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`);
  }
  return pairs.length ? `?${pairs.join("&")}` : "";
}

export const fetchTransport: Transport = async ({ method, url, headers, body, signal }) => {
  const response = await fetch(url, {
    method,
    headers,
    body,
    credentials: "same-origin",
    signal: signal as AbortSignal | undefined,
  });
  return { status: response.status, text: await response.text(), header: (name) => response.headers.get(name) };
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is Problem {
  const problem = value as Partial<Problem> | null | undefined;
  return typeof problem?.code === "string" && typeof problem.message === "string";
}

function unexpected(status: number, locale: Locale): Problem {
  return { status, code: "client.unexpected_answer", message: UNEXPECTED_MESSAGE[locale] };
}

function problemOf(answer: TransportAnswer, locale: Locale): ApiProblem {
  const value = parse(answer.text);
  const problem = isProblem(value) ? { ...value, status: answer.status } : unexpected(answer.status, locale);
  const retryAfter = Number.parseInt(answer.header("Retry-After") ?? "", 10);
  return new ApiProblem(problem, Number.isNaN(retryAfter) ? null : retryAfter);
}

function headersOf(options: CallOptions, locale: Locale): Record<string, string> {
  const headers: Record<string, string> = {
    Accept: "application/json, application/problem+json",
    "Accept-Language": ACCEPT_LANGUAGE[locale],
    ...options.headers,
  };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  return headers;
}

function isAbort(reason: unknown): boolean {
  return (reason as { name?: string } | null)?.name === "AbortError";
}

export function createClient(options: ClientOptions): Client {
  const base = options.baseUrl ?? "/api/v1";
  const transport = options.transport ?? fetchTransport;

  async function send(method: string, path: string, call: CallOptions): Promise<TransportAnswer> {
    const locale = options.locale();
    const url = `${base}/${path}${queryString(call.query)}`;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    try {
      return await transport({ method, url, headers: headersOf(call, locale), body, signal: call.signal });
    } catch (reason) {
      if (isAbort(reason)) throw reason;
      throw new ApiProblem({ status: 0, code: "client.network", message: NETWORK_MESSAGE[locale] });
    }
  }

  async function request(method: string, path: string, call: CallOptions = {}): Promise<unknown> {
    const answer = await send(method, path, call);
    if (answer.status < 200 || answer.status >= 300) {
      const problem = problemOf(answer, options.locale());
      if (problem.status === 401) options.onUnauthenticated?.(problem);
      throw problem;
    }
    if (answer.status === 204 || answer.text === "") return undefined;
    const value = parse(answer.text);
    if (value === undefined) throw new ApiProblem(unexpected(answer.status, options.locale()));
    return value;
  }

  return {
    get: <Answer>(path: string, call?: CallOptions) => request("GET", path, call) as Promise<Answer>,
    post: <Answer>(path: string, call?: CallOptions) => request("POST", path, call) as Promise<Answer>,
    put: <Answer>(path: string, call?: CallOptions) => request("PUT", path, call) as Promise<Answer>,
    delete: (path, call) => request("DELETE", path, call) as Promise<void>,
  };
}
