using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Rules;

/// <summary>
/// The tags of fields. A contract names a field by its path, by its record's full name and its own, or by a pattern of the
/// latter: * stands for a part of a name between dots, ** for any text.
/// </summary>
internal sealed class FieldTags(IReadOnlyDictionary<string, IReadOnlyList<string>> tags)
{
    private readonly ConcurrentDictionary<FieldPlace, IReadOnlyList<string>> _found = new();
    private readonly (Regex Pattern, IReadOnlyList<string> Tags)[] _patterns =
        [.. tags.Where(tag => tag.Key.Contains('*', StringComparison.Ordinal)).Select(tag => (Compile(tag.Key), tag.Value))];

    public IReadOnlyList<string> Of(FieldPlace place) => _found.GetOrAdd(place, Find);

    private IReadOnlyList<string> Find(FieldPlace place) =>
    [
        .. ((IEnumerable<string?>)[place.Path, place.FullName]).Distinct().SelectMany(name => tags.GetValueOrDefault(name ?? "") ?? [])
            .Concat(_patterns.Where(pattern => pattern.Pattern.IsMatch(place.FullName ?? "")).SelectMany(pattern => pattern.Tags)).Distinct(StringComparer.Ordinal),
    ];

    private static Regex Compile(string pattern) => new(
        $"^{Regex.Escape(pattern).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^.]*", StringComparison.Ordinal)}$",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
