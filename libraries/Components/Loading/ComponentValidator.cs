using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>Checks specs against the known types.</summary>
internal sealed class ComponentValidator(ComponentTypeRegistry registry)
{
    private readonly List<ConfigurationFault> _faults = [];

    public IReadOnlyList<ConfigurationFault> Validate(IReadOnlyList<ComponentSpec> specs)
    {
        var byName = new Dictionary<string, ComponentSpec>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            if (!byName.TryAdd(spec.Name, spec))
            {
                var first = byName[spec.Name];
                Fault(spec, spec.Line, "", $"a second component of this name ({spec.Type}/{spec.Version})", $"one; the first is {first.Type}/{first.Version} at {first.File}:{first.Line}", "Rename or remove one of them.");
            }

            ValidateOne(spec);
        }

        return _faults;
    }

    private void ValidateOne(ComponentSpec spec)
    {
        if (registry.Find(spec.Type) is not { } type)
        {
            Fault(spec, spec.Line, ": spec.type", $"'{spec.Type}'", $"one of {string.Join(", ", registry.Names)}", "Correct the type or use a build that carries it.");
            return;
        }

        if (spec.Version != "v1")
            Fault(spec, spec.Line, ": spec.version", $"'{spec.Version}'", "v1", "Set the version to v1.");
        foreach (var (name, value) in spec.Metadata)
        {
            var line = spec.MetadataLines.TryGetValue(name, out var known) ? known : spec.Line;
            var setting = type.Settings.FirstOrDefault(s => s.Matches(name));
            if (setting is null && !type.AcceptsUnknownSettings && !RuntimeSettings.Knows(spec.Type, name))
                Fault(spec, line, $": {name}", $"a setting that {spec.Type} does not have", string.Join(", ", type.Settings.Select(s => s.Name)), "Correct its spelling or remove it.");
            else if (setting?.Check?.Invoke(value) is { } expected)
                Fault(spec, line, $": {name}", $"'{value}'", expected, "Correct the value.");
        }

        foreach (var setting in type.Settings.Where(s => s.Required && !spec.Metadata.ContainsKey(s.Name) && !spec.MetadataLines.ContainsKey(s.Name)))
            Fault(spec, spec.Line, $": {setting.Name}", "nothing", "a value", $"Add the setting {setting.Name}; {spec.Type} needs it.");
    }

    private void Fault(ComponentSpec spec, int line, string element, string found, string expected, string cure) =>
        _faults.Add(new ConfigurationFault(spec.File, line, $"component '{spec.Name}'{element}", found, expected, cure));
}
