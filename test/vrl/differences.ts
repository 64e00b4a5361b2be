/** Cases of the corpus that nvl answers otherwise than Vector, each with the reason; `vrl/README.md` tells them too. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  functions_parse_groks_signature:
    'its engine, Oniguruma, is C and not built in: it compiles, and fails with that reason',
  functions_get_vector_metric_signature: 'it asks a running Vector: it compiles, and fails with that reason',
};
