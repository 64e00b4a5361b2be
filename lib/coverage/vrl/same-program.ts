import type { VrlDiagnostic, VrlVerdict } from '../../vrl/answers.ts';

/** Whether the compiler says the same of two programs, but for the places that it names: then the probes in one of them change nothing. Pure. */
export const isSameProgram = (one: VrlVerdict, other: VrlVerdict): boolean => {
  if (!one.ok || !other.ok) return false;
  return JSON.stringify(factsOf(one)) === JSON.stringify(factsOf(other));
};

const factsOf = ({
  isFallible,
  isAbortable,
  reads,
  writes,
  meanings,
  warnings,
}: Extract<VrlVerdict, { ok: true }>): unknown => [
  isFallible,
  isAbortable,
  reads,
  writes,
  meanings,
  warnings.map(({ code, severity, message }: VrlDiagnostic) => [code, severity, message]),
];
