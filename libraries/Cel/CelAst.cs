namespace RealTimeMesh.Cel;

/// <summary>A part of an expression as read.</summary>
/// <param name="Position">Place in the text that a fault of it points to.</param>
/// <param name="Height">Levels below it, which bound the stack that its evaluation takes.</param>
internal abstract record CelAst(int Position, int Height)
{
    protected static int Above(IEnumerable<CelAst> children)
    {
        var highest = 0;
        foreach (var child in children)
            highest = Math.Max(highest, child.Height);
        return highest + 1;
    }
}

internal sealed record LiteralAst(int Position, CelValue Value) : CelAst(Position, 1);

/// <param name="IsRooted">Written with a leading dot: no variable of a macro.</param>
internal sealed record NameAst(int Position, string Name, bool IsRooted) : CelAst(Position, 1);

/// <param name="IsTest">Of <c>has()</c>: asks whether the field exists.</param>
internal sealed record SelectAst(int Position, CelAst Operand, string Field, bool IsTest) : CelAst(Position, Operand.Height + 1);

/// <summary>A function or an operator (<c>_+_</c>); the target of a method is its first argument.</summary>
internal sealed record CallAst(int Position, string Function, bool IsMethod, IReadOnlyList<CelAst> Arguments) : CelAst(Position, Above(Arguments));

/// <summary><c>&amp;&amp;</c> or <c>||</c> over all its terms.</summary>
internal sealed record LogicAst(int Position, bool IsAnd, IReadOnlyList<CelAst> Terms) : CelAst(Position, Above(Terms));

internal sealed record ConditionalAst(int Position, CelAst Condition, CelAst Then, CelAst Else) : CelAst(Position, Above([Condition, Then, Else]));

internal sealed record ListAst(int Position, IReadOnlyList<CelAst> Items) : CelAst(Position, Above(Items));

internal sealed record MapAst(int Position, IReadOnlyList<(CelAst Key, CelAst Value)> Entries) : CelAst(Position, Above(Entries.SelectMany(entry => new[] { entry.Key, entry.Value })));

internal enum CelMacro
{
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

/// <param name="Filter">The condition; of <c>map</c> optional.</param>
/// <param name="Transform">Of <c>map</c> only.</param>
internal sealed record MacroAst(int Position, CelMacro Macro, CelAst Range, string Variable, CelAst? Filter, CelAst? Transform)
    : CelAst(Position, Above(new[] { Range, Filter, Transform }.OfType<CelAst>()));
