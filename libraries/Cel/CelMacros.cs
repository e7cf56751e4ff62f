namespace RealTimeMesh.Cel;

/// <summary>Calls that are no functions: they decide what of their arguments is evaluated, and how often.</summary>
internal static class CelMacros
{
    public static CelAst Has(CelAst argument, Func<int, string, Exception> fault) =>
        argument is SelectAst { IsTest: false } select ? select with { IsTest = true } : throw fault(argument.Position, "invalid argument to has() macro");

    /// <summary>Null where the call is a method after all.</summary>
    public static CelAst? Expand(CelAst target, string name, IReadOnlyList<CelAst> arguments, Func<int, string, Exception> fault)
    {
        CelMacro? known = (name, arguments.Count) switch
        {
            ("all", 2) => CelMacro.All,
            ("exists", 2) => CelMacro.Exists,
            ("exists_one", 2) => CelMacro.ExistsOne,
            ("filter", 2) => CelMacro.Filter,
            ("map", 2 or 3) => CelMacro.Map,
            _ => null,
        };
        if (known is not { } macro)
            return null;
        if (arguments[0] is not NameAst { IsRooted: false } variable)
            throw fault(arguments[0].Position, "argument must be a simple name");
        return macro == CelMacro.Map
            ? new MacroAst(target.Position, macro, target, variable.Name, arguments.Count == 3 ? arguments[1] : null, arguments[^1])
            : new MacroAst(target.Position, macro, target, variable.Name, arguments[1], null);
    }
}
