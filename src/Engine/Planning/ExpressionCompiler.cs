using System.Collections.Immutable;
using System.Diagnostics;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Turns bound expressions into evaluators over rows of one layout. A column the layout lacks comes from outside, through a slot.
/// </summary>
/// <param name="planner">Plans the subqueries it meets.</param>
/// <param name="layout">The rows the evaluators will be given.</param>
/// <param name="outer">What the surrounding plan offers; null at the top.</param>
public sealed class ExpressionCompiler(Planner planner, RowLayout layout, OuterScope? outer)
{
    /// <summary>From this many elements on, membership in a constant list goes through a hash set.</summary>
    const int HashedListLength = 9;

    Dictionary<int, int>? _inputSlots;
    List<SubPlan>? _subPlans;

    StatementPlanning Statement => planner.Statement;

    /// <summary>Plans of the subqueries in what was compiled so far, for EXPLAIN.</summary>
    public ImmutableArray<SubPlan> SubPlans => _subPlans is null ? [] : [.. _subPlans];

    public Evaluator[] Compile(IReadOnlyList<BoundExpression> expressions)
    {
        var evaluators = new Evaluator[expressions.Count];
        for (var i = 0; i < evaluators.Length; i++)
            evaluators[i] = Compile(expressions[i]);
        return evaluators;
    }

    public Evaluator[] Compile(ImmutableArray<BoundExpression> expressions)
    {
        if (expressions.IsEmpty)
            return [];
        var evaluators = new Evaluator[expressions.Length];
        for (var i = 0; i < evaluators.Length; i++)
            evaluators[i] = Compile(expressions[i]);
        return evaluators;
    }

    public Evaluator? CompileOptional(BoundExpression? expression) => expression is null ? null : Compile(expression);

    public Evaluator Compile(BoundExpression expression) => expression switch
    {
        BoundConstant e => new ConstantEvaluator(e.Value),
        BoundParameter e => new ParameterEvaluator(e.Number - 1),
        BoundColumn e => CompileColumn(e),
        BoundCall e => CompileCall(e),
        BoundLogical e => e.IsAnd ? new AndEvaluator(Compile(e.Operands)) : new OrEvaluator(Compile(e.Operands)),
        BoundNot { Operand: BoundArrayComparison e } when Hashed(e, isNegated: true) is { } hashed => hashed,
        BoundNot e => new NotEvaluator(Compile(e.Operand)),
        BoundNullTest e => IsRecord(e.Operand.Type) ? new RowNullTestEvaluator(Compile(e.Operand), e.IsNot) : new NullTestEvaluator(Compile(e.Operand), e.IsNot),
        BoundBooleanTest e => new BooleanTestEvaluator(Compile(e.Operand), e.Expected, e.IsNot),
        BoundDistinct e => new DistinctEvaluator(Compile(e.Left), Compile(e.Right), new BinaryFunction(e.Equal), e.IsNot),
        BoundNullIf e => new NullIfEvaluator(Compile(e.Left), Compile(e.Right), new BinaryFunction(e.Equal)),
        BoundCase e => CompileCase(e),
        BoundCoalesce e => new CoalesceEvaluator(Compile(e.Arguments)),
        BoundMinMax e => new MinMaxEvaluator(Compile(e.Arguments), e.Type.Codec, e.IsGreatest),
        BoundArray e => e.IsNested ? new NestedArrayEvaluator(Compile(e.Elements), e.Type.Element!) : new ArrayEvaluator(Compile(e.Elements), e.Type.Element!),
        BoundRow e => CompileRow(e),
        BoundField e => new FieldEvaluator(Compile(e.Operand), e.Index),
        BoundSubscript e => CompileSubscript(e),
        BoundArrayComparison e => (Evaluator?)Hashed(e, isNegated: false)
            ?? new ArrayComparisonEvaluator(Compile(e.Left), Compile(e.Array), new BinaryFunction(e.Operator.Function), e.IsAll),
        BoundRowComparison e => CompileRowComparison(e),
        BoundIoCast e => new IoCastEvaluator(Compile(e.Operand), e.Operand.Type, e.Type, e.Typmod),
        BoundRelabel e => Compile(e.Operand),
        BoundTypmodCast e => e.Typmod < 0 || e.Type.Modifier is null ? Compile(e.Operand) : new TypmodCastEvaluator(Compile(e.Operand), e.Type, e.Typmod, e.IsExplicit),
        BoundArrayCast e => CompileArrayCast(e),
        BoundCaseInput e => CompileInput(e),
        BoundWithInput e => CompileWithInput(e),
        BoundDomainCast e => CompileDomainCast(e),
        BoundSubquery e => CompileSubquery(e),
        BoundSetCall => throw new PgError(SqlState.FeatureNotSupported, "set-returning functions are not allowed in this place"),
        _ => throw new UnreachableException($"no evaluator for {expression.GetType().Name}"),
    };

    // Apart from Compile, whose every call would pay for their closures.
    CaseEvaluator CompileCase(BoundCase e)
        => new([.. e.Branches.Select(branch => Compile(branch.Condition))], [.. e.Branches.Select(branch => Compile(branch.Result))], CompileOptional(e.Default));

    RowEvaluator CompileRow(BoundRow e)
        => new(Compile(e.Fields), [.. e.Fields.Select((field, i) => new RecordField(e.FieldNames.Length > i ? e.FieldNames[i] : $"f{i + 1}", field.Type, field.Typmod))]);

    Evaluator CompileWithInput(BoundWithInput e) => WithSlot(e.Slot, Compile(e.Input), (slot, input) => new WithInputEvaluator(slot, input, Compile(e.Body)));

    Evaluator CompileDomainCast(BoundDomainCast e)
        => WithSlot(e.Slot, Compile(e.Operand), (slot, operand) => new DomainCastEvaluator(
            operand, e.Type, slot, e.NotNull, [.. e.Checks.Select(check => (check.Name, Compile(check.Condition)))]));

    static bool IsRecord(PgType type) => type.Kind == TypeKind.Composite || type.Category == TypeCategory.Composite || type == PgTypes.Record;

    Evaluator CompileColumn(BoundColumn column)
    {
        var key = new PlanColumn(column.Relation, column.Column);
        var index = layout.IndexOf(key);
        if (index >= 0)
            return new ColumnEvaluator(index);
        var slot = outer?.SlotOf(key) ?? -1;
        return slot >= 0 ? new SlotEvaluator(slot) : throw new UnreachableException($"column {column.Name} ({key.Relation}.{key.Column}) is not in reach");
    }

    Evaluator CompileCall(BoundCall call)
    {
        var function = call.Function;
        var arguments = Compile(call.Arguments);
        if (call.Operator is { Strategy: > 0 } op && arguments.Length == 2 && IsInBits(call.Arguments[0].Type) && IsInBits(call.Arguments[1].Type))
        {
            return (arguments[0], arguments[1]) switch
            {
                (ColumnEvaluator column, ConstantEvaluator { Value.IsNull: false } constant) => new ColumnBitsComparison(column.Index, constant.Value.AsInt64, op.Strategy),
                _ => new BitsComparison(arguments[0], arguments[1], op.Strategy),
            };
        }
        if (function.Body1 is { } body1 && arguments.Length == 1)
            return function.IsStrict ? new StrictCall1(body1, arguments[0]) : new Call1(body1, arguments[0]);
        if (function.Body2 is { } body2 && arguments.Length == 2)
            return function.IsStrict ? new StrictCall2(body2, arguments[0], arguments[1]) : new Call2(body2, arguments[0], arguments[1]);
        if (function.Body is { } body)
            return new CallN(body, function.IsStrict, arguments, new CallSite([.. call.Arguments.Select(argument => argument.Type)], call.Type));
        throw new UnreachableException($"function {function} has no body for {arguments.Length} arguments");
    }

    // Types whose B-tree order is the order of the numbers in the datum's bits. Operators across types (int4 < int8) only exist
    // between types with the same unit, except for date against timestamp.
    static bool IsInBits(PgType type) => type.Codec is IntegerCodec or OidCodec;

    Evaluator CompileInput(BoundCaseInput input)
    {
        if (_inputSlots is not null && _inputSlots.TryGetValue(input.Slot, out var slot))
            return new SlotEvaluator(slot);
        if (planner.InputSlots.TryGetValue(input.Slot, out slot))
        {
            outer?.MarkCorrelated();
            return new SlotEvaluator(slot);
        }
        throw new UnreachableException($"input {input.Slot} is not in reach");
    }

    // The binder's slot numbers are only unique where one lies inside another; the statement's are unique as a whole.
    Evaluator WithSlot(int boundSlot, Evaluator input, Func<int, Evaluator, Evaluator> make)
    {
        var slot = Statement.NewSlot();
        _inputSlots ??= [];
        var hadBefore = _inputSlots.TryGetValue(boundSlot, out var before);
        var hadOutside = planner.InputSlots.TryGetValue(boundSlot, out var outside);
        _inputSlots[boundSlot] = planner.InputSlots[boundSlot] = slot;
        var evaluator = make(slot, input);
        if (hadBefore)
            _inputSlots[boundSlot] = before;
        else
            _inputSlots.Remove(boundSlot);
        if (hadOutside)
            planner.InputSlots[boundSlot] = outside;
        else
            planner.InputSlots.Remove(boundSlot);
        return evaluator;
    }

    Evaluator CompileArrayCast(BoundArrayCast cast)
    {
        var inputSlot = -1;
        BoundTree.Visit(cast.Element, node =>
        {
            if (node is BoundCaseInput input && inputSlot < 0)
                inputSlot = input.Slot;
            return true;
        });
        return WithSlot(inputSlot, Compile(cast.Operand), (slot, operand) => new ArrayCastEvaluator(operand, Compile(cast.Element), slot, cast.Type.Element!));
    }

    Evaluator CompileSubscript(BoundSubscript e)
    {
        if (e.Operand.Type == PgTypes.Jsonb)
            return new JsonbElementEvaluator(Compile(e.Operand), [.. e.Subscripts.Select(s => Compile((s.Upper ?? s.Lower)!))]);
        if (e.Operand.Type == PgTypes.Name && e.Subscripts is [{ IsSlice: false, Upper: { } at }])
            return new StrictCall2(CharacterOfName, Compile(e.Operand), Compile(at));
        if (e.Operand.Type.Codec is not (ArrayCodec or NumberListCodec))
            throw PgError.Unsupported($"subscripting of type {e.Operand.Type}");
        var operand = Compile(e.Operand);
        return e.Subscripts.Any(subscript => subscript.IsSlice)
            ? new SliceEvaluator(operand, [.. e.Subscripts.Select(s => (CompileOptional(s.Lower), CompileOptional(s.Upper), s.IsSlice))])
            : new ElementEvaluator(operand, [.. e.Subscripts.Select(s => Compile((s.Upper ?? s.Lower)!))]);
    }

    /// <summary>A name is an array of bytes from 0 (<c>typname[0] = '_'</c>).</summary>
    static Datum CharacterOfName(Datum name, Datum index)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(name.AsString);
        return index.AsInt32 >= 0 && index.AsInt32 < bytes.Length ? Datum.Of((long)bytes[index.AsInt32]) : Datum.Null;
    }

    HashedMembership? Hashed(BoundArrayComparison e, bool isNegated)
    {
        if (e.Array is not BoundConstant { Value.IsNull: false } constant || constant.Value.As<PgArray>() is not { Items.Length: >= HashedListLength } members)
            return null;
        if (!KeyTypes.CanHash(e.Left.Type, e.Operator.Right))
            return null;
        return e switch
        {
            { IsAll: false, Operator.Strategy: 3 } => new HashedMembership(Compile(e.Left), members, e.Operator.Right.Codec, isNegated),
            { IsAll: true, Operator.Name: "<>" } => new HashedMembership(Compile(e.Left), members, e.Operator.Right.Codec, !isNegated),
            _ => null,
        };
    }

    Evaluator CompileRowComparison(BoundRowComparison e)
    {
        var left = Compile(e.Left);
        var right = Compile(e.Right);
        BinaryFunction[] comparisons = [.. e.Operators.Select(op => new BinaryFunction(op.Function))];
        if (e.OperatorName is "=" or "<>")
            return new RowEqualityEvaluator(left, right, comparisons, e.OperatorName == "<>");
        BinaryFunction[] equals = [.. e.Equalities.Select(op => new BinaryFunction(op.Function))];
        return new RowOrderEvaluator(left, right, comparisons, equals, whenEqual: e.OperatorName is "<=" or ">=");
    }

    Evaluator CompileSubquery(BoundSubquery e)
    {
        var number = Statement.NewSubPlanNumber();
        var scope = new OuterScope(Statement, layout, outer);
        var plan = planner.PlanQuery(e.Query, scope);
        var isCorrelated = scope.IsCorrelated;

        if (e.Kind is SubqueryKind.Any or SubqueryKind.All)
            return CompileQuantified(e, plan, scope, number);

        var runner = new SubqueryRunner(plan, scope.Bindings);
        Evaluator evaluator = e.Kind switch
        {
            SubqueryKind.Scalar => new ScalarSubquery(runner),
            SubqueryKind.Exists => new ExistsSubquery(runner),
            SubqueryKind.Array => new ArraySubquery(runner, e.Type.Element!, e.Query.VisibleTargets.First().Expression.Type.IsArray),
            _ => new RowSubquery(runner, [.. e.Query.VisibleTargets.Select(target => new RecordField(target.Name, target.Expression.Type, target.Expression.Typmod))]),
        };
        if (isCorrelated)
        {
            Statement.Names.Define(e, $"(SubPlan {number})");
            (_subPlans ??= []).Add(new($"SubPlan {number}", plan));
            return evaluator;
        }
        var result = Statement.NewInitPlanResult();
        Statement.Names.Define(e, $"${result}");
        (_subPlans ??= []).Add(new($"InitPlan {number} (returns ${result})", plan));
        return new OnceEvaluator(evaluator, Statement.NewSlot(), Statement.NewSlot());
    }

    Evaluator CompileQuantified(BoundSubquery e, PlanNode plan, OuterScope scope, int number)
    {
        (_subPlans ??= []).Add(new($"SubPlan {number}", plan));
        if (!scope.IsCorrelated && e.Kind == SubqueryKind.Any && HashableLeft(e) is var (left, codec))
        {
            Statement.Names.Define(e, $"(hashed SubPlan {number})");
            return new HashedSubquery(new SubqueryRunner(plan, scope.Bindings), Compile(left), codec);
        }
        Statement.Names.Define(e, $"(SubPlan {number})");
        if (!scope.IsCorrelated)
            plan = MaterializeNode.Over(plan);

        var columns = Enumerable.Range(0, plan.Columns.Length).Select(i => new PlanColumn(e.ResultRelation, i));
        var testScope = new OuterScope(Statement, layout, outer);
        var testCompiler = new ExpressionCompiler(planner, new RowLayout([.. columns]), testScope);
        var test = testCompiler.Compile(e.Test!);
        _subPlans.AddRange(testCompiler.SubPlans);
        return new QuantifiedSubquery(new SubqueryRunner(plan, scope.Bindings), test, testScope.Bindings, e.Kind == SubqueryKind.All);
    }

    // The left side of <left> = <the subquery's only column>, when it can be looked up in a hash set.
    static (BoundExpression Left, TypeCodec Codec)? HashableLeft(BoundSubquery e)
        => e.Test is BoundCall { Operator.Strategy: 3, Arguments: [var left, var right] } && IsOnly(right, e.ResultRelation)
            && !QueryTree.Reads(left, e.ResultRelation) && KeyTypes.CanHash(left.Type, right.Type)
            ? (left, right.Type.Codec)
            : null;

    static bool IsOnly(BoundExpression expression, int relation) => expression is BoundColumn column && column.Relation == relation;
}
