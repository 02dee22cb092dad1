/** `chat/:room` → `chat/${string}`; `orders` → `orders`. */
export type AddressOf<Template extends string> = Template extends `${infer Head}/${infer Rest}`
  ? `${SegmentAddress<Head>}/${AddressOf<Rest>}`
  : SegmentAddress<Template>;

type SegmentAddress<Segment extends string> = Segment extends `:${string}` ? string : Segment;

/** `chat/:room` → `{ room: string }`; `orders` → `{}`. */
export type ParamsOf<Template extends string> = {
  readonly [Name in ParamNames<Template>]: string;
};

type ParamNames<Template extends string> = Template extends `${infer Head}/${infer Rest}`
  ? ParamNames<Head> | ParamNames<Rest>
  : Template extends `:${infer Name}`
    ? Name
    : never;

/** Does the address belong to the template, segment by segment? */
export type Matches<Template extends string, Address extends string> = string extends Template
  ? true
  : Template extends `${infer Head}/${infer Rest}`
    ? Address extends `${infer AddressHead}/${infer AddressRest}`
      ? MatchesSegment<Head, AddressHead> extends true
        ? Matches<Rest, AddressRest>
        : false
      : false
    : Address extends `${string}/${string}`
      ? false
      : MatchesSegment<Template, Address>;

type MatchesSegment<Segment extends string, Given extends string> = Segment extends `:${string}`
  ? true
  : Given extends Segment
    ? true
    : false;

/** `orders:created` → `orders`. */
export type FamilyOf<Name extends string> = Name extends `${infer Family}:${string}`
  ? Family
  : string;
