import type { CompiledQuery } from 'kysely';
import { assertParameter } from './dialects/compilers.ts';
import type { Store } from './open.ts';

/** What a prepared query is asked with. */
export type PreparedValues = Readonly<Record<string, string | number | null>>;

/** Whose rows a handle sees. */
export interface PreparedScope {
  readonly tenantId: number;
  readonly customerId: number | undefined;
}

/** Stands for a value while a query is compiled. What looks at it, instead of handing it on, throws. */
class Held {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  [Symbol.toPrimitive](): never {
    throw new TypeError('the values of a prepared query are not known when it is built');
  }
}

const QUERIES_KEPT = 500;
/** Nobody else can name these two: a query's scope comes from the handle that runs it. */
const TENANT = new Held('tenant');
const CUSTOMER = new Held('customer');

const ofStores = new WeakMap<Store, Map<string, CompiledQuery>>();

/**
 * The query of a store of that name, with these values, for that scope; `compile` makes it the first time, out of what stands for them. The one
 * that was not asked for longest goes first.
 */
export function preparedQuery<Values extends PreparedValues>(
  store: Store,
  scope: PreparedScope,
  [name, values]: readonly [name: string, values: Values],
  compile: (scope: PreparedScope, values: Values) => CompiledQuery,
): CompiledQuery {
  const kept = ofStores.get(store) ?? new Map<string, CompiledQuery>();
  ofStores.set(store, kept);
  const key = `${scope.customerId === undefined ? 'merchant' : 'customer'}: ${name}`;
  const query = kept.get(key) ?? compile(heldScope(scope), heldFor(values));
  kept.delete(key);
  if (kept.size >= QUERIES_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, query);
  return { ...query, parameters: query.parameters.map((one) => valueOf(one, scope, values)) };
}

function valueOf(parameter: unknown, scope: PreparedScope, values: PreparedValues): unknown {
  if (!(parameter instanceof Held)) return parameter;
  if (parameter === TENANT) return scope.tenantId;
  if (parameter === CUSTOMER) return scope.customerId;
  const value = values[parameter.name];
  if (value === undefined) throw new TypeError(`a prepared query was asked without ${parameter.name}`);
  assertParameter(value);
  return value;
}

function heldScope({ customerId }: PreparedScope): PreparedScope {
  const held = { tenantId: TENANT, customerId: customerId === undefined ? undefined : CUSTOMER };
  return held as unknown as PreparedScope;
}

function heldFor<Values extends PreparedValues>(values: Values): Values {
  const held = Object.keys(values).map((name) => [name, new Held(name)] as const);
  return Object.fromEntries(held) as unknown as Values;
}
