namespace RealTimeMesh.Cel;

/// <summary>
/// Makes names of the fields of one variable, so that an evaluation needs the values of the fields that the expression uses
/// and no map of all of them.
/// </summary>
internal sealed class CelFieldNames(string variable, IReadOnlySet<string> fields)
{
    /// <summary>False where the expression needs the variable as a whole, or a field that is not there.</summary>
    public bool TryRewrite(CelAst ast, out CelAst result)
    {
        var whole = false;
        result = Visit(ast, ref whole);
        return !whole;
    }

    private CelAst Visit(CelAst ast, ref bool whole)
    {
        switch (ast)
        {
            case SelectAst { Operand: NameAst name } select when name.Name == variable:
                whole |= !fields.Contains(select.Field);
                return select.IsTest ? new LiteralAst(select.Position, CelValue.True) : new NameAst(select.Position, $"{variable}.{select.Field}", IsRooted: true);
            case NameAst name:
                whole |= name.Name == variable;
                return name;
            case SelectAst select:
                return select with { Operand = Visit(select.Operand, ref whole) };
            case CallAst call:
                return call with { Arguments = Visit(call.Arguments, ref whole) };
            case LogicAst logic:
                return logic with { Terms = Visit(logic.Terms, ref whole) };
            case ConditionalAst conditional:
                return conditional with { Condition = Visit(conditional.Condition, ref whole), Then = Visit(conditional.Then, ref whole), Else = Visit(conditional.Else, ref whole) };
            case ListAst list:
                return list with { Items = Visit(list.Items, ref whole) };
            case MapAst map:
                var keys = Visit([.. map.Entries.Select(entry => entry.Key)], ref whole);
                var values = Visit([.. map.Entries.Select(entry => entry.Value)], ref whole);
                return map with { Entries = [.. keys.Zip(values)] };
            case MacroAst macro:
                // A macro's own variable of this name hides it.
                whole |= macro.Variable == variable;
                return macro with
                {
                    Range = Visit(macro.Range, ref whole),
                    Filter = macro.Filter is null ? null : Visit(macro.Filter, ref whole),
                    Transform = macro.Transform is null ? null : Visit(macro.Transform, ref whole),
                };
            default:
                return ast;
        }
    }

    private List<CelAst> Visit(IReadOnlyList<CelAst> all, ref bool whole)
    {
        var visited = new List<CelAst>(all.Count);
        foreach (var ast in all)
            visited.Add(Visit(ast, ref whole));
        return visited;
    }
}
