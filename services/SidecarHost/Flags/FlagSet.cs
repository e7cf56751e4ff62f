using System.Globalization;
using RealTimeMesh.Components;

namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>
/// A command line read by a list of definitions: <c>--name=value</c>, <c>--name value</c> and, for truth values,
/// <c>--name</c>; one dash counts as two. Throws a <see cref="FlagException"/> where it cannot be followed.
/// </summary>
internal sealed class FlagSet
{
    private readonly Dictionary<string, FlagDefinition> _definitions;
    private readonly Dictionary<string, List<string>> _given = new(StringComparer.Ordinal);

    public FlagSet(IReadOnlyList<FlagDefinition> definitions, IReadOnlyList<string> args)
    {
        _definitions = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--")
                break;
            if (arg.Length < 2 || arg[0] != '-')
                continue;
            i += Read(arg.TrimStart('-'), i + 1 < args.Count ? args[i + 1] : null);
        }
    }

    /// <summary>True for <c>--help</c>, <c>-h</c>: the other flags do not count then.</summary>
    public bool AsksForHelp { get; private set; }

    /// <summary>Flags on the command line, each once.</summary>
    public IEnumerable<FlagDefinition> Given => _given.Keys.Select(name => _definitions[name]);

    public bool IsGiven(string name) => _given.ContainsKey(Known(name).Name);

    public string Text(string name) => _given.TryGetValue(name, out var values) ? values[^1] : Known(name).Default;

    public IReadOnlyList<string> Texts(string name) => [.. _given.GetValueOrDefault(name, []).SelectMany(value => value.Split(',')).Where(value => value.Length > 0)];

    public bool Truth(string name) => ParseTruth(Text(name)) ?? false;

    public int Number(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);

    public TimeSpan Duration(string name) => GoDuration.TryParse(Text(name), out var duration) ? duration : TimeSpan.Zero;

    private FlagDefinition Known(string name) =>
        _definitions.TryGetValue(name, out var definition) ? definition : throw new ArgumentException($"no flag is called {name}", nameof(name));

    /// <summary>Takes one flag; tells how many of the following arguments were its value.</summary>
    private int Read(string flag, string? next)
    {
        var equals = flag.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? flag : flag[..equals];
        if (!_definitions.TryGetValue(name, out var definition))
        {
            if (name is not ("help" or "h"))
                throw new FlagException($"unknown flag: --{name}");
            AsksForHelp = true;
            return 0;
        }

        var (value, taken) = equals >= 0 ? (flag[(equals + 1)..], 0)
            : definition.Kind == FlagKind.Truth ? ("true", 0)
            : (next ?? throw new FlagException($"flag needs an argument: --{name}"), 1);
        if (Fault(definition.Kind, value) is { } fault)
            throw new FlagException($"invalid argument {Quote(value)} for \"--{name}\" flag: {fault}");
        if (!_given.TryGetValue(name, out var values))
            _given.Add(name, values = []);
        values.Add(value);
        return taken;
    }

    private static string? Fault(FlagKind kind, string value) => kind switch
    {
        FlagKind.Truth when ParseTruth(value) is null => $"strconv.ParseBool: parsing {Quote(value)}: invalid syntax",
        FlagKind.Number when !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => $"strconv.ParseInt: parsing {Quote(value)}: invalid syntax",
        FlagKind.Duration when !GoDuration.TryParse(value, out _) => $"time: invalid duration {Quote(value)}",
        _ => null,
    };

    private static bool? ParseTruth(string value) => value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };

    private static string Quote(string value) => $"\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
