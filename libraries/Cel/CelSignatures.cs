namespace RealTimeMesh.Cel;

/// <summary>The overloads of the standard functions, by which wrong uses are told before evaluation.</summary>
internal static class CelSignatures
{
    private const string Numbers = "int,int>int|uint,uint>uint|double,double>double";
    private const string Ordered = "bool,bool>bool|int,int>bool|uint,uint>bool|double,double>bool|string,string>bool|bytes,bytes>bool|timestamp,timestamp>bool|duration,duration>bool";
    private const string Sizes = "string>int|bytes>int|list(A)>int|map(A;B)>int";

    private static readonly Dictionary<string, Overload[]> Table = Create();

    public static bool IsKnown(string function) => Table.ContainsKey(function);

    /// <summary>The type a call gives, or null where no overload takes its arguments.</summary>
    public static CelType? Resolve(string function, IReadOnlyList<CelType> arguments)
    {
        CelType? result = null;
        foreach (var overload in Table[function])
        {
            if (overload.Match(arguments) is { } type)
                result = result is null ? type : CelType.Join(result, type);
        }

        return result;
    }

    private static Dictionary<string, Overload[]> Create()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["!_"] = "bool>bool",
            ["-_"] = "int>int|double>double",
            ["_+_"] = Numbers + "|string,string>string|bytes,bytes>bytes|list(A),list(A)>list(A)|timestamp,duration>timestamp|duration,timestamp>timestamp|duration,duration>duration",
            ["_-_"] = Numbers + "|timestamp,timestamp>duration|timestamp,duration>timestamp|duration,duration>duration",
            ["_*_"] = Numbers,
            ["_/_"] = Numbers,
            ["_%_"] = "int,int>int|uint,uint>uint",
            ["_==_"] = "A,A>bool",
            ["_!=_"] = "A,A>bool",
            ["_<_"] = Ordered,
            ["_<=_"] = Ordered,
            ["_>_"] = Ordered,
            ["_>=_"] = Ordered,
            ["_[_]"] = "list(A),int>A|map(A;B),A>B",
            ["@in"] = "A,list(A)>bool|A,map(A;B)>bool",
            ["_?_:_"] = "bool,A,A>A",
            ["size"] = Sizes,
            [".size"] = Sizes,
            ["dyn"] = "A>dyn",
            ["type"] = "A>type",
            ["int"] = "int>int|uint>int|double>int|string>int|timestamp>int|duration>int",
            ["uint"] = "uint>uint|int>uint|double>uint|string>uint",
            ["double"] = "double>double|int>double|uint>double|string>double",
            ["string"] = "string>string|bool>string|int>string|uint>string|double>string|bytes>string|timestamp>string|duration>string",
            ["bytes"] = "bytes>bytes|string>bytes",
            ["bool"] = "bool>bool|string>bool",
            ["timestamp"] = "timestamp>timestamp|string>timestamp|int>timestamp",
            ["duration"] = "duration>duration|string>duration|int>duration",
            [".contains"] = "string,string>bool",
            [".startsWith"] = "string,string>bool",
            [".endsWith"] = "string,string>bool",
            ["matches"] = "string,string>bool",
            [".matches"] = "string,string>bool",
        };
        foreach (var part in (string[])["getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek"])
            texts["." + part] = "timestamp>int|timestamp,string>int";
        foreach (var part in (string[])["getHours", "getMinutes", "getSeconds", "getMilliseconds"])
            texts["." + part] = "timestamp>int|timestamp,string>int|duration>int";
        return texts.ToDictionary(pair => pair.Key, pair => pair.Value.Split('|').Select(Overload.Parse).ToArray(), StringComparer.Ordinal);
    }

    private sealed record Overload(CelType[] Parameters, CelType Result)
    {
        public static Overload Parse(string text)
        {
            var arrow = text.IndexOf('>', StringComparison.Ordinal);
            return new Overload([.. text[..arrow].Split(',').Select(CelType.Parse)], CelType.Parse(text[(arrow + 1)..]));
        }

        public CelType? Match(IReadOnlyList<CelType> arguments)
        {
            if (arguments.Count != Parameters.Length)
                return null;
            var bindings = new Dictionary<string, CelType>(StringComparer.Ordinal);
            for (var i = 0; i < Parameters.Length; i++)
            {
                if (!arguments[i].Fits(Parameters[i], bindings))
                    return null;
            }

            return Result.With(bindings);
        }
    }
}
