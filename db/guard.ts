import type {
  AggregateFunctionNode,
  AndNode,
  DeleteQueryNode,
  FunctionNode,
  InsertQueryNode,
  KyselyPlugin,
  OperationNode,
  OperationNodeSource,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  RawNode,
  RootOperationNode,
  SelectQueryNode,
  TableNode,
  UpdateQueryNode,
} from 'kysely';

/** SQL written by hand in db/. */
const written = new WeakSet<OperationNode>();
/** What Kysely itself writes as raw SQL: orders, and the condition of a join on everything. */
const WORDS_OF_KYSELY = new Set(['asc', 'desc', 'true']);
/** Functions of the same meaning on both engines. Others stay out: PostgreSQL has some that run SQL or read tables. */
const FUNCTIONS = new Set(['coalesce', 'count', 'lower', 'max', 'min', 'sum']);

type Statement = SelectQueryNode | InsertQueryNode | UpdateQueryNode | DeleteQueryNode;

interface Builder<Itself> extends OperationNodeSource {
  withPlugin(plugin: KyselyPlugin): Itself;
}

/** Lets SQL that db/ wrote by hand into every handle's queries. It must name no table. */
export function writtenHere<Raw extends OperationNodeSource>(raw: Raw): Raw {
  written.add(raw.toOperationNode());
  return raw;
}

/**
 * Looks at each query of one handle before it runs, and throws a TypeError for a table that the handle did not put there, for raw SQL and
 * functions that are not known here, and for an update or deletion that lost the scope's filter. Such a query reads and writes nothing.
 */
export class Guard implements KyselyPlugin {
  // Kysely's nodes are frozen, and its builders carry them on as they are: the same object is the handle's own wherever it turns up.
  readonly #own = new WeakSet<OperationNode>();

  /** Hands out a builder that the handle filled: what it names by now is the handle's own, what is added later is looked at. */
  over<B extends Builder<B>>(builder: B): B {
    for (const node of foundation(builder.toOperationNode() as Statement)) this.#own.add(node);
    return builder.withPlugin(this);
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    this.#check(node);
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<PluginTransformResultArgs['result']> {
    return result;
  }

  #check(node: OperationNode): void {
    switch (node.kind) {
      // A reference's table only says which of the query's rows are meant.
      case 'ReferenceNode':
      case 'ColumnNode':
      case 'IdentifierNode':
      case 'OperatorNode':
      case 'ValueNode':
      case 'PrimitiveValueListNode':
        return;
      case 'SelectQueryNode':
        if (this.#own.has(node)) return;
        break;
      case 'TableNode':
        if (this.#own.has(node)) return;
        throw new TypeError(
          `a query names ${nameOf(node as TableNode)}: only rows(…) and from(…) of its handle do`,
        );
      case 'RawNode':
        if (isKnown(node as RawNode)) return;
        throw new TypeError('a query holds raw SQL: only db/ writes that');
      case 'FunctionNode':
      case 'AggregateFunctionNode':
        assertKnown(node as FunctionNode | AggregateFunctionNode);
        break;
      case 'UpdateQueryNode':
      case 'DeleteQueryNode':
        this.#assertFiltered(node as UpdateQueryNode | DeleteQueryNode);
    }
    this.#checkWithin(node);
  }

  #checkWithin(node: OperationNode): void {
    const parts = node as unknown as Record<string, unknown>;
    // Nodes are plain objects and every query passes here: Object.values takes twice as long.
    for (const name in parts) {
      const part = parts[name];
      if (Array.isArray(part)) for (const one of part) this.#check(one as OperationNode);
      else if (typeof part === 'object' && part !== null) this.#check(part as OperationNode);
    }
  }

  /** Kysely adds conditions with “and” on the right, so the handle's own stays leftmost. */
  #assertFiltered({ where }: UpdateQueryNode | DeleteQueryNode): void {
    let condition = where?.where;
    while (condition && !this.#own.has(condition)) {
      condition = condition.kind === 'AndNode' ? (condition as AndNode).left : undefined;
    }
    if (!condition) throw new TypeError('an update or deletion lost the filter of its scope');
  }
}

/** The nodes that name a statement's table and keep it to the scope. */
function foundation(node: Statement): OperationNode[] {
  switch (node.kind) {
    case 'SelectQueryNode':
      return [node];
    case 'InsertQueryNode':
      return [node.into!];
    case 'UpdateQueryNode':
      return [node.table!, node.where!.where];
    case 'DeleteQueryNode':
      return [...node.from.froms, node.where!.where];
  }
}

function nameOf({ table }: TableNode): string {
  return table.identifier.name;
}

function isKnown(raw: RawNode): boolean {
  return written.has(raw) || (raw.sqlFragments.length === 1 && WORDS_OF_KYSELY.has(raw.sqlFragments[0]!));
}

function assertKnown({ func }: FunctionNode | AggregateFunctionNode): void {
  if (!FUNCTIONS.has(func)) throw new TypeError(`a query calls ${func}, which db/guard.ts does not know`);
}
