using System.Globalization;

namespace RealTimeMesh.Contracts;

/// <summary>
/// What of a newer document breaks readers of data that an older one wrote, by the rules that Confluent documents for
/// Protobuf. Fields are paired by number, wherever they stand; types by name; numbers of one wire form may change into
/// each other.
/// </summary>
internal sealed partial class ProtoDiff(ProtoTypes oldTypes, ProtoTypes newTypes)
{
    // A message of thousands of fields that all changed is refused all the same.
    private const int MostReasons = 1000;

    private readonly List<SchemaIncompatibility> _found = [];
    private readonly List<string> _path = [];
    private readonly HashSet<(ProtoMessage Old, ProtoMessage New)> _open = [];

    public static IReadOnlyList<SchemaIncompatibility> Compare(ProtoFile old, ProtoTypes oldTypes, ProtoFile next, ProtoTypes newTypes)
    {
        var diff = new ProtoDiff(oldTypes, newTypes);
        if ((old.Package ?? "") != (next.Package ?? ""))
            diff.Add("PACKAGE_CHANGED", "The package at '{0}' in the {reader} schema does not match the package in the {writer} schema");

        diff.Types(old.Types, next.Types, new Place(old.Package ?? "", next.Package ?? "", []));
        return diff._found;
    }

    private void Types(List<ProtoType> old, List<ProtoType> next, Place place)
    {
        var messages = new Dictionary<string, ProtoMessage>(StringComparer.Ordinal);
        foreach (var message in next.OfType<ProtoMessage>())
            messages[message.Name] = message;

        foreach (var message in old.OfType<ProtoMessage>())
        {
            _path.Add(message.Name);
            if (messages.TryGetValue(message.Name, out var update))
                Messages(message, update, place.Within(message.Name));
            else if (!message.IsMapEntry)
                Add("MESSAGE_REMOVED", "The {reader} schema is missing a MESSAGE type at path '{0}' in the {writer} schema");

            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void Messages(ProtoMessage old, ProtoMessage next, Place place)
    {
        if (_open.Add((old, next)))
        {
            Fields(new Members(old), new Members(next), place);
            _open.Remove((old, next));
        }

        Types(old.Types, next.Types, place);
    }

    private void Fields(Members old, Members next, Place place)
    {
        foreach (var oneOf in next.OneOfs)
            Exclusive(oneOf, old);

        foreach (var number in old.ByNumber.Keys.Union(next.ByNumber.Keys).Order())
        {
            var (before, after) = (old.ByNumber.GetValueOrDefault(number), next.ByNumber.GetValueOrDefault(number));
            if (after is null)
                Removed(number, before!, old, next);
            else if (before is null)
                Added(number, after, next);
            else
                At(next.OneOf(number), number, () => Field(before, after, place));
        }
    }

    private void Removed(int number, ProtoField field, Members old, Members next)
    {
        // A oneof that goes with all its fields takes no choice from those that stay.
        if (old.OneOf(number) is not { } oneOf)
        {
            if (field.Label == "required")
                At(null, number, () => Add("REQUIRED_FIELD_REMOVED", "The {reader} schema is missing a required field at path: '{0}' in the {writer} schema"));
        }
        else if (next.Has(oneOf) || old.Survives(oneOf, next))
        {
            At(oneOf, number, () => Add("ONEOF_FIELD_REMOVED", "The {reader} schema is missing a oneof field at path '{0}' in the {writer} schema"));
        }
    }

    private void Added(int number, ProtoField field, Members next)
    {
        if (next.OneOf(number) is null && field.Label == "required")
            At(null, number, () => Add("REQUIRED_FIELD_ADDED", "A required field  at path '{0}' in the {reader} schema is missing in the {writer} schema"));
    }

    /// <summary>Fields that could both be set may not come to exclude each other.</summary>
    private void Exclusive(ProtoOneOf oneOf, Members old)
    {
        (string? OneOf, int Number)? first = null;
        var (several, single) = (false, 0);
        foreach (var field in oneOf.Fields)
        {
            if (!old.ByNumber.ContainsKey(field.Number))
                continue;

            // Fields of one oneof were alternatives before; every other field was free.
            var group = old.OneOf(field.Number) is { } before ? (before, 0) : ((string?)null, field.Number);
            several |= first is not null && first != group;
            first ??= group;
            single += group.Item1 is null ? 1 : 0;
        }

        if (!several)
            return;

        _path.Add(oneOf.Name);
        if (single > 1)
            Add("MULTIPLE_FIELDS_MOVED_TO_ONEOF", "Multiple fields in the oneof at path '{0}' in the {reader} schema are outside a oneof in the {writer} schema");
        else
            Add("FIELD_MOVED_TO_EXISTING_ONEOF", "A field in the oneof at path '{0}' in the {reader} schema is outside an existing oneof in the {writer} schema");

        _path.RemoveAt(_path.Count - 1);
    }

    private void At(string? oneOf, int number, Action act)
    {
        var depth = _path.Count;
        if (oneOf is not null)
            _path.Add(oneOf);

        _path.Add(number.ToString(CultureInfo.InvariantCulture));
        act();
        _path.RemoveRange(depth, _path.Count - depth);
    }

    private void Add(string type, string sentence)
    {
        if (_found.Count >= MostReasons)
            return;

        var path = "#/" + string.Join('/', _path);
        _found.Add(new SchemaIncompatibility(type, path, sentence.Replace("{0}", path, StringComparison.Ordinal)));
    }

    /// <summary>Where names are looked up.</summary>
    private sealed record Place(string OldPackage, string NewPackage, IReadOnlyList<string> Scope)
    {
        public Place Within(string name) => this with { Scope = [.. Scope, name] };
    }

    /// <summary>A message's fields by their numbers.</summary>
    private sealed class Members
    {
        private readonly Dictionary<int, string>? _oneOfs;
        private readonly Dictionary<string, ProtoOneOf>? _byName;
        private Dictionary<string, bool>? _surviving;
        private readonly ProtoMessage _message;

        public Members(ProtoMessage message)
        {
            _message = message;
            foreach (var field in message.Fields)
                ByNumber[field.Number] = field;

            if (message.OneOfs.Count == 0)
                return;

            (_oneOfs, _byName) = ([], new Dictionary<string, ProtoOneOf>(StringComparer.Ordinal));
            foreach (var oneOf in message.OneOfs)
            {
                _byName[oneOf.Name] = oneOf;
                foreach (var field in oneOf.Fields)
                    (ByNumber[field.Number], _oneOfs[field.Number]) = (field, oneOf.Name);
            }
        }

        public Dictionary<int, ProtoField> ByNumber { get; } = [];

        public IEnumerable<ProtoOneOf> OneOfs => _message.OneOfs;

        public string? OneOf(int number) => _oneOfs?.GetValueOrDefault(number);

        public bool Has(string oneOf) => _byName?.ContainsKey(oneOf) == true;

        /// <summary>Whether a field of the oneof is left in the other message.</summary>
        public bool Survives(string oneOf, Members other)
        {
            _surviving ??= new Dictionary<string, bool>(StringComparer.Ordinal);
            if (!_surviving.TryGetValue(oneOf, out var survives))
                _surviving[oneOf] = survives = _byName![oneOf].Fields.Exists(field => other.ByNumber.ContainsKey(field.Number));

            return survives;
        }
    }
}
