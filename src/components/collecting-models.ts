import type {
  Fact,
  FieldState,
  Hidden,
  Link,
  NoticeModel,
  Option,
  PayItem,
  ScheduleModel,
  Status,
} from './models.ts';
import type { PayWithModel, Said, TestNumber } from './pay-models.ts';

/* What the views of AutoPay and payment plans show; see models.ts for what holds of every model. */

/** A form that asks which instrument is charged. */
export interface InstrumentFormModel {
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly with: PayWithModel;
  /** One for each kind of what is chosen, where they differ. */
  readonly buttons: readonly Said[];
  readonly testNumbers?: readonly TestNumber[] | undefined;
}

export interface AutopayModel {
  readonly back: Link;
  readonly notice?: NoticeModel | undefined;
  readonly status: Status;
  /** "Your invoices are paid by themselves." */
  readonly title: string;
  readonly text: string;
  readonly facts: readonly Fact[];
  /** Turning it on, or choosing another instrument; absent for those who may not. */
  readonly form?:
    | (InstrumentFormModel & {
        readonly title: string;
        /** Behind “Change”: it is on already, and nothing is wrong. */
        readonly folded: boolean;
      })
    | undefined;
  /** Turning it off. */
  readonly leave?:
    | {
        readonly action: string;
        readonly hidden: readonly Hidden[];
        readonly text: string;
        /** What becomes of the payment plans that were agreed; absent where there are none, or nothing else. */
        readonly plans?:
          | { readonly legend: string; readonly choices: readonly (Option & { readonly checked: boolean })[] }
          | undefined;
      }
    | undefined;
  readonly upcoming: {
    readonly title: string;
    /** One for each kind of what is chosen, where it is not chosen yet. */
    readonly lists: ReadonlyArray<{
      readonly when?: Said['when'];
      readonly items: readonly PayItem[];
      readonly more?: string | undefined;
    }>;
    /** Said when there is nothing. */
    readonly empty: string;
  };
}

export interface PlanModel extends ScheduleModel {
  readonly back: Link;
  readonly title: string;
  readonly notice?: NoticeModel | undefined;
  readonly status: Status;
  readonly amount: string;
  readonly amountNote: string;
  readonly text: string;
  /** Agreeing to it; absent once it is agreed, and for those who may not. Without `with` nothing is charged by itself. */
  readonly approval?:
    | (Omit<InstrumentFormModel, 'with' | 'buttons'> & {
        readonly button: string;
        readonly with?: PayWithModel | undefined;
        /** What comes of it besides the schedule: a fee, what else is collected from the same method. */
        readonly notes: readonly string[];
        readonly agree: FieldState & { readonly checked: boolean };
      })
    | undefined;
  /** `main` where it is what is asked for now. */
  readonly pay?: (Link & { readonly main?: boolean | undefined }) | undefined;
  readonly quiet?: readonly Link[] | undefined;
}
