namespace RealTimeMesh.Cel;

/// <summary>Checks the types of an expression as far as they are known, and turns it into nodes.</summary>
internal sealed class CelCompiler(string text)
{
    private readonly List<string> _globals = [];
    private readonly Dictionary<string, SlotNode> _globalNodes = new(StringComparer.Ordinal);
    private readonly Stack<(string Name, int Slot, CelType Type)> _scope = new();
    private int _locals;

    /// <summary>Names that the expression uses and does not define.</summary>
    public IReadOnlyList<string> Globals => _globals;

    public int FrameSize => _globals.Count + _locals;

    /// <exception cref="CelSyntaxException">The expression cannot be right.</exception>
    public CelNode Compile(CelAst expression)
    {
        // Slots of macros come after those of the environment, so these are counted first.
        FindGlobals(expression, []);
        return Visit(expression).Node;
    }

    private (CelNode Node, CelType Type) Visit(CelAst ast) => ast switch
    {
        LiteralAst literal => (new LiteralNode(literal.Value), CelType.Of(literal.Value.Kind)),
        NameAst name => VisitName(name),
        SelectAst select => VisitSelect(select),
        CallAst call => VisitCall(call),
        LogicAst logic => VisitLogic(logic),
        ConditionalAst conditional => VisitConditional(conditional),
        ListAst list => VisitList(list),
        MapAst map => VisitMap(map),
        MacroAst macro => VisitMacro(macro),
        _ => throw Fault(ast, $"unknown expression {ast.GetType().Name}"),
    };

    private (CelNode, CelType) VisitName(NameAst name)
    {
        if (!name.IsRooted)
        {
            foreach (var (local, slot, type) in _scope)
            {
                if (local == name.Name)
                    return (new SlotNode(slot), type);
            }
        }

        return _globalNodes.TryGetValue(name.Name, out var global) ? (global, CelType.Dyn) : (new LiteralNode(CelValue.Type(name.Name)), CelType.Type);
    }

    private (CelNode, CelType) VisitSelect(SelectAst select)
    {
        if (!select.IsTest && QualifiedType(select) is { } name)
            return (new LiteralNode(CelValue.Type(name)), CelType.Type);
        var (operand, type) = Visit(select.Operand);
        if (!type.IsDyn && !type.IsMap)
            throw Fault(select, $"type '{type}' does not support field selection");
        return (new SelectNode(operand, select.Field, select.IsTest), select.IsTest ? CelType.Bool : type.Second ?? CelType.Dyn);
    }

    private (CelNode, CelType) VisitCall(CallAst call)
    {
        var name = call.IsMethod ? "." + call.Function : call.Function;
        var arguments = call.Arguments.Select(Visit).ToArray();
        if (!CelSignatures.IsKnown(name))
        {
            // daprd would look for such a function for ever.
            var isOtherwiseKnown = CelSignatures.IsKnown(call.IsMethod ? call.Function : "." + call.Function);
            throw Fault(call, isOtherwiseKnown ? NoOverload(call, arguments) : $"undeclared reference to '{call.Function}' (in container '')");
        }

        var type = CelSignatures.Resolve(name, [.. arguments.Select(argument => argument.Type)]) ?? throw Fault(call, NoOverload(call, arguments));
        if (call.Function == "matches" && call.Arguments[1] is LiteralAst { Value.Kind: CelKind.String } pattern)
            return (new PatternNode(arguments[0].Node, pattern.Value.AsString), type);
        return arguments.Length == 1
            ? (new UnaryNode(CelFunctions.Unary[name], arguments[0].Node), type)
            : (new BinaryNode(CelFunctions.Binary[name], arguments[0].Node, arguments[1].Node), type);
    }

    private (CelNode, CelType) VisitLogic(LogicAst logic)
    {
        var terms = logic.Terms.Select(Visit).ToArray();
        foreach (var (_, type) in terms)
        {
            if (!type.IsDyn && type != CelType.Bool)
                throw Fault(logic, NoOverload(logic.IsAnd ? "_&&_" : "_||_", terms));
        }

        return (new LogicNode(logic.IsAnd, [.. terms.Select(term => term.Node)]), CelType.Bool);
    }

    private (CelNode, CelType) VisitConditional(ConditionalAst conditional)
    {
        var parts = new[] { conditional.Condition, conditional.Then, conditional.Else }.Select(Visit).ToArray();
        var type = CelSignatures.Resolve("_?_:_", [.. parts.Select(part => part.Type)]) ?? throw Fault(conditional, NoOverload("_?_:_", parts));
        return (new ConditionalNode(parts[0].Node, parts[1].Node, parts[2].Node), type);
    }

    private (CelNode, CelType) VisitList(ListAst list)
    {
        var items = list.Items.Select(Visit).ToArray();
        return (new ListNode([.. items.Select(item => item.Node)]), CelType.List(Join(items.Select(item => item.Type))));
    }

    private (CelNode, CelType) VisitMap(MapAst map)
    {
        var entries = map.Entries.Select(entry => (Key: Visit(entry.Key), Value: Visit(entry.Value))).ToArray();
        var type = CelType.Map(Join(entries.Select(entry => entry.Key.Type)), Join(entries.Select(entry => entry.Value.Type)));
        return (new MapNode([.. entries.Select(entry => (entry.Key.Node, entry.Value.Node))]), type);
    }

    private (CelNode, CelType) VisitMacro(MacroAst macro)
    {
        var (range, type) = Visit(macro.Range);
        if (!type.IsDyn && !type.IsList && !type.IsMap)
            throw Fault(macro, $"expression of type '{type}' cannot be range of a comprehension (must be list, map, or dynamic)");
        var item = type.First ?? CelType.Dyn;
        var slot = _globals.Count + _locals++;
        _scope.Push((macro.Variable, slot, item));
        var condition = macro.Filter is null ? default : Visit(macro.Filter);
        var transform = macro.Transform is null ? default : Visit(macro.Transform);
        _scope.Pop();
        if (condition.Node is not null && !condition.Type.IsDyn && condition.Type != CelType.Bool)
            throw Fault(macro.Filter!, $"found no matching overload for '{Operator(macro.Macro)}' applied to '(bool, {condition.Type})'");
        return macro.Macro switch
        {
            CelMacro.All or CelMacro.Exists => (new QuantifierNode(range, slot, condition.Node!, macro.Macro == CelMacro.All), CelType.Bool),
            CelMacro.ExistsOne => (new ExistsOneNode(range, slot, condition.Node!), CelType.Bool),
            CelMacro.Filter => (new ProjectionNode(range, slot, condition.Node, null), CelType.List(item)),
            _ => (new ProjectionNode(range, slot, condition.Node, transform.Node), CelType.List(transform.Type)),
        };
    }

    private void FindGlobals(CelAst ast, HashSet<string> locals)
    {
        switch (ast)
        {
            case NameAst name when (name.IsRooted || !locals.Contains(name.Name)) && !CelTypes.Names.Contains(name.Name):
                if (!_globalNodes.ContainsKey(name.Name))
                {
                    _globalNodes[name.Name] = new SlotNode(_globals.Count);
                    _globals.Add(name.Name);
                }

                break;
            case SelectAst select when select.IsTest || QualifiedType(select) is null:
                FindGlobals(select.Operand, locals);
                break;
            case CallAst call:
                FindGlobals(call.Arguments, locals);
                break;
            case LogicAst logic:
                FindGlobals(logic.Terms, locals);
                break;
            case ConditionalAst conditional:
                FindGlobals([conditional.Condition, conditional.Then, conditional.Else], locals);
                break;
            case ListAst list:
                FindGlobals(list.Items, locals);
                break;
            case MapAst map:
                FindGlobals([.. map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value })], locals);
                break;
            case MacroAst macro:
                FindGlobals(macro.Range, locals);
                FindGlobals([.. new[] { macro.Filter, macro.Transform }.OfType<CelAst>()], [.. locals, macro.Variable]);
                break;
        }
    }

    private void FindGlobals(IReadOnlyList<CelAst> all, HashSet<string> locals)
    {
        foreach (var ast in all)
            FindGlobals(ast, locals);
    }

    /// <summary>The name of a type written with dots.</summary>
    private static string? QualifiedType(SelectAst select) =>
        select is { Operand: SelectAst { Field: "protobuf", Operand: NameAst { Name: "google" } } } && CelTypes.Names.Contains("google.protobuf." + select.Field) ? "google.protobuf." + select.Field : null;

    private static CelType Join(IEnumerable<CelType> types)
    {
        CelType? joined = null;
        foreach (var type in types)
            joined = joined is null ? type : CelType.Join(joined, type);
        return joined ?? CelType.Dyn;
    }

    private static string Operator(CelMacro macro) => macro switch
    {
        CelMacro.All => "_&&_",
        CelMacro.Exists => "_||_",
        _ => "_?_:_",
    };

    private static string NoOverload(CallAst call, IReadOnlyList<(CelNode Node, CelType Type)> arguments) =>
        call.IsMethod
            ? $"found no matching overload for '{call.Function}' applied to '{arguments[0].Type}.({string.Join(", ", arguments.Skip(1).Select(argument => argument.Type))})'"
            : NoOverload(call.Function, arguments);

    private static string NoOverload(string function, IReadOnlyList<(CelNode Node, CelType Type)> arguments) =>
        $"found no matching overload for '{function}' applied to '({string.Join(", ", arguments.Select(argument => argument.Type))})'";

    private CelSyntaxException Fault(CelAst at, string fault) => new(text, at.Position, fault);
}
