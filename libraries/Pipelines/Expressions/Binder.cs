using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>Gives names and types to a syntax tree and builds the nodes that compute it.</summary>
internal sealed class Binder(RowSchema schema)
{
    public Node Bind(Syntax syntax) => syntax switch
    {
        NullSyntax => new NullNode(),
        BooleanSyntax boolean => new BooleanConstant(boolean.Value),
        LongSyntax integer => new LongConstant(integer.Type, integer.Value),
        FloatSyntax number => new DoubleConstant(number.Value),
        TextSyntax text => new TextConstant(text.Value),
        FieldSyntax field => BindField(field),
        UnarySyntax { Operator: "not" } not => new NotNode(Boolean(not.Operand, "'not'")),
        UnarySyntax minus => Arithmetic.Negate(Number(minus.Operand, "'-'")),
        BinarySyntax { Operator: "and" } and => new AndNode(Boolean(and.Left, "'and'"), Boolean(and.Right, "'and'")),
        BinarySyntax { Operator: "or" } or => new OrNode(Boolean(or.Left, "'or'"), Boolean(or.Right, "'or'")),
        BinarySyntax { Operator: "||" } concat => new ConcatNode([AsText(concat.Left), AsText(concat.Right)], skipNulls: false),
        BinarySyntax { Operator: "+" or "-" or "*" or "/" or "%" } sum => BindArithmetic(sum),
        BinarySyntax comparison => Compare(comparison.Operator, comparison.Position, Bind(comparison.Left), Bind(comparison.Right)),
        IsNullSyntax isNull => new IsNullNode(Bind(isNull.Operand)),
        InSyntax list => BindIn(list),
        BetweenSyntax between => BindBetween(between),
        LikeSyntax like => new LikeNode(Text(like.Operand, "'like'"), Text(like.Pattern, "'like'")),
        CaseSyntax choice => BindCase(choice),
        CastSyntax cast => Casts.Create(Bind(cast.Operand), cast.Type) ?? throw CannotCast(cast),
        CallSyntax call => Functions.Bind(this, call),
        _ => throw new ExpressionException(syntax.Position, "this is not understood"),
    };

    public Node Boolean(Syntax syntax, string user) => Expect(syntax, user, type => type == FieldType.Boolean, "a boolean");

    public Node Number(Syntax syntax, string user) => Expect(syntax, user, NodeTypes.IsNumeric, "a number");

    public Node Integer(Syntax syntax, string user) => Expect(syntax, user, NodeTypes.IsInteger, "an integer");

    public Node Text(Syntax syntax, string user) => Expect(syntax, user, type => type == FieldType.String, "text");

    /// <summary>A date or timestamp.</summary>
    public Node Time(Syntax syntax, string user) => Expect(syntax, user, type => type is FieldType.Date or FieldType.Timestamp, "a date or timestamp");

    /// <summary>Anything but bytes, as text.</summary>
    public Node AsText(Syntax syntax) => Casts.Create(Bind(syntax), FieldType.String) ?? throw new ExpressionException(syntax.Position, "bytes have no text form");

    public BooleanNode Compare(string symbol, int position, Node left, Node right)
    {
        var nodes = Unify(position, $"'{symbol}'", [left, right]);
        return Comparisons.Create(symbol, nodes[0], nodes[1]);
    }

    /// <summary>Makes operands comparable: numbers stay as they are, dates become timestamps beside timestamps, text literals become dates or timestamps beside these.</summary>
    public Node[] Unify(int position, string user, Node[] nodes)
    {
        var target = CommonType(position, user, nodes);
        var unified = new Node[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
            unified[i] = Convert(position, nodes[i], target);
        return unified;
    }

    /// <summary>The type that all operands can take without loss; the faulty pair is named where there is none.</summary>
    public static FieldType CommonType(int position, string user, IReadOnlyList<Node> nodes)
    {
        FieldType? common = null;
        var onlyLiterals = true;
        foreach (var node in nodes)
        {
            if (node is NullNode)
                continue;
            if (common is not { } sofar)
                common = node.Type;
            else if (sofar != node.Type)
                common = Wider(sofar, node.Type) ?? AsTime(sofar, onlyLiterals, node) ?? throw Mixed(position, user, sofar, node.Type);
            onlyLiterals &= node is TextConstant;
        }

        return common switch
        {
            null => FieldType.Boolean,
            FieldType.Bytes => throw new ExpressionException(position, $"{user} cannot take bytes; they can only be tested with is null"),
            { } type => type,
        };
    }

    private static FieldType? Wider(FieldType a, FieldType b)
    {
        if (NodeTypes.IsInteger(a) && NodeTypes.IsInteger(b))
            return FieldType.Int64;
        if (NodeTypes.IsNumeric(a) && NodeTypes.IsNumeric(b))
            return FieldType.Float64;
        return (a, b) is (FieldType.Date, FieldType.Timestamp) or (FieldType.Timestamp, FieldType.Date) ? FieldType.Timestamp : null;
    }

    /// <summary>A text literal beside a date or timestamp is read as one.</summary>
    private static FieldType? AsTime(FieldType sofar, bool sofarOnlyLiterals, Node next)
    {
        if (next is TextConstant)
            return IsTime(sofar) ? sofar : null;
        return sofar == FieldType.String && sofarOnlyLiterals && IsTime(next.Type) ? next.Type : null;
    }

    private static bool IsTime(FieldType type) => type is FieldType.Date or FieldType.Timestamp;

    private static ExpressionException Mixed(int position, string user, FieldType a, FieldType b) =>
        new(position, $"{user} takes operands of one type; found {NodeTypes.NameOf(a)} and {NodeTypes.NameOf(b)}; cast one of them");

    private static Node Convert(int position, Node node, FieldType target)
    {
        if (node is NullNode)
            return new NullNode(target);
        if (node is TextConstant text && target == FieldType.Date)
        {
            return TimeText.TryParseDate(text.Value, out var days)
                ? new LongConstant(target, days)
                : throw new ExpressionException(position, $"'{text.Value}' is no date; expected such as '2001-01-31'");
        }

        if (node is TextConstant time && target == FieldType.Timestamp)
        {
            return TimeText.TryParseTimestamp(time.Value, out var micros)
                ? new LongConstant(target, micros)
                : throw new ExpressionException(position, $"'{time.Value}' is no timestamp; expected such as '2001-01-31 18:30:00'");
        }

        return node.Type == FieldType.Date && target == FieldType.Timestamp ? Casts.Create(node, target)! : node;
    }

    private Node BindField(FieldSyntax field)
    {
        var ordinal = schema.IndexOf(field.Name);
        if (ordinal < 0)
        {
            var names = schema.Fields.Select(f => f.Name).ToList();
            var near = Suggestion.For(field.Name, names);
            throw new ExpressionException(field.Position, $"field '{field.Name}' is not in the contract; {(near is null ? $"its fields are {string.Join(", ", names)}" : $"did you mean '{near}'?")}");
        }

        var type = schema.Fields[ordinal].Type;
        return NodeTypes.KindOf(type) switch
        {
            NodeKind.Boolean => new BooleanFieldNode(ordinal),
            NodeKind.Long => new LongFieldNode(type, ordinal),
            NodeKind.Double => type == FieldType.Decimal ? new DecimalFieldNode(ordinal) : new DoubleFieldNode(type, ordinal),
            NodeKind.Text => new TextFieldNode(ordinal),
            _ => new BytesFieldNode(ordinal),
        };
    }

    private Node BindArithmetic(BinarySyntax syntax)
    {
        var left = Bind(syntax.Left);
        var right = Bind(syntax.Right);
        return Arithmetic.Create(syntax.Operator, left, right) ?? throw new ExpressionException(
            syntax.Position, $"'{syntax.Operator}' cannot be used with {NodeTypes.NameOf(left.Type)} and {NodeTypes.NameOf(right.Type)}; expected numbers{(syntax.Operator is "+" or "-" ? ", or a date and a number of days" : "")}");
    }

    private Node BindIn(InSyntax list)
    {
        var nodes = Unify(list.Position, "'in'", [Bind(list.Operand), .. list.Items.Select(Bind)]);
        var items = nodes[1..];
        if (items.All(i => i is NullNode or LongConstant or TextConstant) && nodes[0] is not NullNode)
        {
            var hasNull = items.Any(i => i is NullNode);
            if (nodes[0].Type == FieldType.String)
                return new InSetNode<TextKind, string>(nodes[0], items.OfType<TextConstant>().Select(i => i.Value).ToHashSet(StringComparer.Ordinal), hasNull);
            if (NodeTypes.KindOf(nodes[0].Type) == NodeKind.Long)
                return new InSetNode<LongKind, long>(nodes[0], items.OfType<LongConstant>().Select(i => i.Value).ToHashSet(), hasNull);
        }

        return items.Select(item => (Node)Comparisons.Create("=", nodes[0], item)).Aggregate((a, b) => new OrNode(a, b));
    }

    private AndNode BindBetween(BetweenSyntax between)
    {
        var nodes = Unify(between.Position, "'between'", [Bind(between.Operand), Bind(between.Low), Bind(between.High)]);
        return new AndNode(Comparisons.Create(">=", nodes[0], nodes[1]), Comparisons.Create("<=", nodes[0], nodes[2]));
    }

    private CaseNode BindCase(CaseSyntax choice)
    {
        var subject = choice.Subject is null ? null : Bind(choice.Subject);
        var conditions = choice.Branches
            .Select(b => subject is null ? Boolean(b.When, "'when'") : Compare("=", b.When.Position, subject, Bind(b.When)))
            .ToArray();
        var results = choice.Branches.Select(b => Bind(b.Then)).ToList();
        if (choice.Else is not null)
            results.Add(Bind(choice.Else));
        var unified = Unify(choice.Position, "'case'", [.. results]);
        return new CaseNode(
            CommonType(choice.Position, "'case'", results), conditions, unified[..conditions.Length], choice.Else is null ? null : unified[^1]);
    }

    private Node Expect(Syntax syntax, string user, Func<FieldType, bool> accepts, string expected)
    {
        var node = Bind(syntax);
        return node is NullNode || accepts(node.Type)
            ? node
            : throw new ExpressionException(syntax.Position, $"{user} takes {expected}; found {NodeTypes.NameOf(node.Type)}");
    }

    private ExpressionException CannotCast(CastSyntax cast) =>
        new(cast.Position, $"{NodeTypes.NameOf(Bind(cast.Operand).Type)} cannot be cast to {NodeTypes.NameOf(cast.Type)}");
}
