namespace PgVectorCompat.Sql;

/// <summary>
/// PostgreSQL 15's key words, grouped by what they may name: the groups' bounds are <see cref="Keywords"/>' only knowledge of categories.
/// A word with an underscore has a capital there: <see cref="CurrentDate"/>.
/// </summary>
public enum Keyword : ushort
{
    /// <summary>No key word (NONE itself is one).</summary>
    NoKeyword,

    // Unreserved: may name anything.
    Abort, Absolute, Access, Action, Add, Admin, After, Aggregate, Also, Alter, Always, Asensitive, Assertion, Assignment, At, Atomic,
    Attach, Attribute, Backward, Before, Begin, Breadth, By, Cache, Call, Called, Cascade, Cascaded, Catalog, Chain, Characteristics,
    Checkpoint, Class, Close, Cluster, Columns, Comment, Comments, Commit, Committed, Compression, Configuration, Conflict, Connection,
    Constraints, Content, Continue, Conversion, Copy, Cost, Csv, Cube, Current, Cursor, Cycle, Data, Database, Day, Deallocate, Declare,
    Defaults, Deferred, Definer, Delete, Delimiter, Delimiters, Depends, Depth, Detach, Dictionary, Disable, Discard, Document, Domain,
    Double, Drop, Each, Enable, Encoding, Encrypted, Enum, Escape, Event, Exclude, Excluding, Exclusive, Execute, Explain, Expression,
    Extension, External, Family, Filter, Finalize, First, Following, Force, Forward, Function, Functions, Generated, Global, Granted,
    Groups, Handler, Header, Hold, Hour, Identity, If, Immediate, Immutable, Implicit, Import, Include, Including, Increment, Index,
    Indexes, Inherit, Inherits, Inline, Input, Insensitive, Insert, Instead, Invoker, Isolation, Key, Label, Language, Large, Last,
    Leakproof, Level, Listen, Load, Local, Location, Lock, Locked, Logged, Mapping, Match, Matched, Materialized, Maxvalue, Merge, Method,
    Minute, Minvalue, Mode, Month, Move, Name, Names, New, Next, Nfc, Nfd, Nfkc, Nfkd, No, Normalized, Nothing, Notify, Nowait, Nulls,
    Object, Of, Off, Oids, Old, Operator, Option, Options, Ordinality, Others, Over, Overriding, Owned, Owner, Parallel, Parameter, Parser,
    Partial, Partition, Passing, Password, Plans, Policy, Preceding, Prepare, Prepared, Preserve, Prior, Privileges, Procedural, Procedure,
    Procedures, Program, Publication, Quote, Range, Read, Reassign, Recheck, Recursive, Ref, Referencing, Refresh, Reindex, Relative,
    Release, Rename, Repeatable, Replace, Replica, Reset, Restart, Restrict, Return, Returns, Revoke, Role, Rollback, Rollup, Routine,
    Routines, Rows, Rule, Savepoint, Schema, Schemas, Scroll, Search, Second, Security, Sequence, Sequences, Serializable, Server, Session,
    Set, Sets, Share, Show, Simple, Skip, Snapshot, Sql, Stable, Standalone, Start, Statement, Statistics, Stdin, Stdout, Storage, Stored,
    Strict, Strip, Subscription, Support, Sysid, System, Tables, Tablespace, Temp, Template, Temporary, Text, Ties, Transaction, Transform,
    Trigger, Truncate, Trusted, Type, Types, Uescape, Unbounded, Uncommitted, Unencrypted, Unknown, Unlisten, Unlogged, Until, Update,
    Vacuum, Valid, Validate, Validator, Value, Varying, Version, View, Views, Volatile, Whitespace, Within, Without, Work, Wrapper, Write,
    Xml, Year, Yes, Zone,

    // May name a column or table, but no function or type.
    Between, Bigint, Bit, Boolean, Char, Character, Coalesce, Dec, Decimal, Exists, Extract, Float, Greatest, Grouping, Inout, Int, Integer,
    Interval, Least, National, Nchar, None, Normalize, Nullif, Numeric, Out, Overlay, Position, Precision, Real, Row, Setof, Smallint,
    Substring, Time, Timestamp, Treat, Trim, Values, Varchar, Xmlattributes, Xmlconcat, Xmlelement, Xmlexists, Xmlforest, Xmlnamespaces,
    Xmlparse, Xmlpi, Xmlroot, Xmlserialize, Xmltable,

    // May name a function or type, but no column or table.
    Authorization, Binary, Collation, Concurrently, Cross, CurrentSchema, Freeze, Full, Ilike, Inner, Is, Isnull, Join, Left, Like, Natural,
    Notnull, Outer, Overlaps, Right, Similar, Tablesample, Verbose,

    // Reserved: a name only when quoted (or as a label after AS).
    All, Analyse, Analyze, And, Any, Array, As, Asc, Asymmetric, Both, Case, Cast, Check, Collate, Column, Constraint, Create,
    CurrentCatalog, CurrentDate, CurrentRole, CurrentTime, CurrentTimestamp, CurrentUser, Default, Deferrable, Desc, Distinct, Do, Else,
    End, Except, False, Fetch, For, Foreign, From, Grant, Group, Having, In, Initially, Intersect, Into, Lateral, Leading, Limit, Localtime,
    Localtimestamp, Not, Null, Offset, On, Only, Or, Order, Placing, Primary, References, Returning, Select, SessionUser, Some, Symmetric,
    Table, Then, To, Trailing, True, Union, Unique, User, Using, Variadic, When, Where, Window, With,
}
