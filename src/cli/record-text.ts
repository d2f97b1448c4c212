/** Records of exchanges for people and for machines. */
import { formatUsd } from '../model/money.ts'
import type { AttemptRecord, ExchangeRecord } from '../model/record.ts'
import { isoTime } from './json-output.ts'

/** The deployment that answered, else the last one that was tried. */
export function servedBy({ deployment, attempts }: ExchangeRecord): string {
  return deployment ?? attempts[attempts.length - 1]?.deployment ?? ''
}

/** For `--json`. */
export function recordJson(record: ExchangeRecord): object {
  return {
    id: record.id,
    request_id: record.requestId,
    at: isoTime(record.at),
    surface: record.surface,
    operation: record.operation,
    key_id: record.keyId ?? null,
    key_name: record.keyName ?? null,
    end_user: record.endUser ?? null,
    model_asked: record.modelAsked ?? null,
    deployment: record.deployment ?? null,
    provider: record.provider ?? null,
    model_served: record.modelServed ?? null,
    route: record.route ?? null,
    stream: record.stream,
    status: record.status,
    outcome: record.outcome,
    fault: record.fault ?? null,
    finish: record.finish ?? null,
    usage: usageJson(record.usage),
    cost_usd: record.cost === undefined ? null : formatUsd(record.cost),
    unpriced: record.unpriced === true,
    first_byte_ms: record.firstByteMs ?? null,
    duration_ms: record.durationMs,
    overhead_ms: record.overheadMs,
    lost: record.lost ?? [],
    mirror_of: record.mirrorOf ?? null,
    check: record.check ?? null,
    region: record.region ?? null,
    residency: record.residency ?? null,
    compared: comparisonJson(record.compared),
    bytes: record.bytes ?? null,
    attempts: record.attempts.map(attemptJson),
  }
}

function comparisonJson(compared: ExchangeRecord['compared']): object | null {
  if (compared === undefined) return null
  return {
    deployment: compared.deployment ?? null,
    duration_ms: compared.durationMs,
    first_byte_ms: compared.firstByteMs ?? null,
    output_tokens: compared.outputTokens ?? null,
    cost_usd: compared.cost === undefined ? null : formatUsd(compared.cost),
    finish: compared.finish ?? null,
    text_lengths: compared.textLengths ?? null,
    same_text: compared.sameText ?? null,
    same_tool_calls: compared.sameToolCalls ?? null,
  }
}

export function usageJson(usage: ExchangeRecord['usage']): object | null {
  if (usage === undefined) return null
  const { input, output, serverTools = {}, units = {}, estimated = false } = usage
  return {
    input_tokens: input.total,
    cache_read_tokens: input.cacheRead ?? 0,
    cache_write_tokens: input.cacheWrite ?? 0,
    output_tokens: output.total,
    reasoning_tokens: output.reasoning ?? 0,
    server_tools: serverTools,
    units,
    estimated,
  }
}

export function attemptJson(attempt: AttemptRecord): object {
  return {
    deployment: attempt.deployment,
    provider: attempt.provider,
    model: attempt.model,
    started_ms: attempt.startedMs,
    duration_ms: attempt.durationMs,
    first_byte_ms: attempt.firstByteMs ?? null,
    status: attempt.status ?? null,
    fault: attempt.fault ?? null,
    message: attempt.message ?? null,
    outrun: attempt.outrun ?? false,
    upstream_request_id: attempt.upstreamRequestId ?? null,
    ...(attempt.advice === true && { advice: true }),
  }
}
