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

    private static readonly Comparer<Member> ByNumber = Comparer<Member>.Create(static (a, b) => a.Field.Number.CompareTo(b.Field.Number));

    private readonly List<SchemaIncompatibility> _found = [];
    private readonly List<Step> _path = [];
    private readonly HashSet<(ProtoMessage Old, ProtoMessage New)> _open = [];
    private readonly Stack<Members> _spare = [];

    public static IReadOnlyList<SchemaIncompatibility> Compare(ProtoFile old, ProtoTypes oldTypes, ProtoFile next, ProtoTypes newTypes)
    {
        var diff = new ProtoDiff(oldTypes, newTypes);
        if ((old.Package ?? "") != (next.Package ?? ""))
            diff.Add("PACKAGE_CHANGED", "The package at '{0}' in the {reader} schema does not match the package in the {writer} schema");

        diff.Types(old.Types, next.Types, new Place(old.Package ?? "", next.Package ?? "", [], null, null));
        return diff._found;
    }

    private void Types(List<ProtoType> old, List<ProtoType> next, Place place)
    {
        var messages = new Dictionary<string, ProtoMessage>(StringComparer.Ordinal);
        foreach (var message in next.OfType<ProtoMessage>())
            messages[message.Name] = message;

        foreach (var message in old.OfType<ProtoMessage>())
        {
            _path.Add(new Step(message.Name, 0));
            if (messages.TryGetValue(message.Name, out var update))
                Messages(message, update, place.Within(message.Name));
            else if (!message.IsMapEntry)
                Add("MESSAGE_REMOVED", "The {reader} schema is missing a MESSAGE type at path '{0}' in the {writer} schema");

            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void Messages(ProtoMessage old, ProtoMessage next, Place place)
    {
        var (before, after) = (Rent(old), Rent(next));
        Fields(before, after, place);
        _spare.Push(before);
        _spare.Push(after);
        if (old.HasTypes)
            Types(old.Types, next.Types, place);
    }

    // Most messages are small, and documents have tens of thousands.
    private Members Rent(ProtoMessage message)
    {
        var members = _spare.TryPop(out var spare) ? spare : new Members();
        members.Fill(message);
        return members;
    }

    private void Fields(Members old, Members next, Place place)
    {
        foreach (var oneOf in next.OneOfs)
            Exclusive(oneOf, old);

        for (int i = 0, j = 0; i < old.Count || j < next.Count;)
        {
            var order = i == old.Count ? 1 : j == next.Count ? -1 : old.Fields[i].Field.Number.CompareTo(next.Fields[j].Field.Number);
            if (order < 0)
                Removed(old.Fields[i++], old, next);
            else if (order > 0)
                Added(next.Fields[j++]);
            else
                Kept(old.Fields[i++].Field, next.Fields[j++], place);
        }
    }

    private void Kept(ProtoField before, Member after, Place place)
    {
        var depth = Enter(after.OneOf, after.Field.Number);
        Field(before, after.Field, place);
        _path.RemoveRange(depth, _path.Count - depth);
    }

    private void Removed(Member member, Members old, Members next)
    {
        // A oneof that goes with all its fields takes no choice from those that stay.
        if (member.OneOf is not { } oneOf)
        {
            if (member.Field.Label == "required")
                AddAt(null, member.Field.Number, "REQUIRED_FIELD_REMOVED", "The {reader} schema is missing a required field at path: '{0}' in the {writer} schema");
        }
        else if (next.Has(oneOf) || old.Survives(oneOf, next))
        {
            AddAt(oneOf, member.Field.Number, "ONEOF_FIELD_REMOVED", "The {reader} schema is missing a oneof field at path '{0}' in the {writer} schema");
        }
    }

    private void Added(Member member)
    {
        if (member.OneOf is null && member.Field.Label == "required")
            AddAt(null, member.Field.Number, "REQUIRED_FIELD_ADDED", "A required field  at path '{0}' in the {reader} schema is missing in the {writer} schema");
    }

    /// <summary>Fields that could both be set may not come to exclude each other.</summary>
    private void Exclusive(ProtoOneOf oneOf, Members old)
    {
        (string? OneOf, int Number)? first = null;
        var (several, single) = (false, 0);
        foreach (var field in oneOf.Fields)
        {
            if (old.Find(field.Number) is not { } former)
                continue;

            // Fields of one oneof were alternatives before; every other field was free.
            var group = former.OneOf is { } before ? (before, 0) : ((string?)null, field.Number);
            several |= first is not null && first != group;
            first ??= group;
            single += group.Item1 is null ? 1 : 0;
        }

        if (!several)
            return;

        _path.Add(new Step(oneOf.Name, 0));
        if (single > 1)
            Add("MULTIPLE_FIELDS_MOVED_TO_ONEOF", "Multiple fields in the oneof at path '{0}' in the {reader} schema are outside a oneof in the {writer} schema");
        else
            Add("FIELD_MOVED_TO_EXISTING_ONEOF", "A field in the oneof at path '{0}' in the {reader} schema is outside an existing oneof in the {writer} schema");

        _path.RemoveAt(_path.Count - 1);
    }

    private void AddAt(string? oneOf, int number, string type, string sentence)
    {
        var depth = Enter(oneOf, number);
        Add(type, sentence);
        _path.RemoveRange(depth, _path.Count - depth);
    }

    /// <summary>Goes to a field; returns the depth to come back to.</summary>
    private int Enter(string? oneOf, int number)
    {
        var depth = _path.Count;
        if (oneOf is not null)
            _path.Add(new Step(oneOf, 0));

        _path.Add(new Step(null, number));
        return depth;
    }

    private void Add(string type, string sentence)
    {
        if (_found.Count >= MostReasons)
            return;

        var path = "#/" + string.Join('/', _path);
        _found.Add(new SchemaIncompatibility(type, path, sentence.Replace("{0}", path, StringComparison.Ordinal)));
    }

    /// <summary>A name, or a field's number: a text of it is only made where something is wrong there.</summary>
    private readonly record struct Step(string? Name, int Number)
    {
        public override string ToString() => Name ?? Number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Where names are looked up: most were looked up before, so the scope is only written out where it is asked for.</summary>
    private sealed class Place(string oldPackage, string newPackage, IReadOnlyList<string>? scope, Place? around, string? name)
    {
        public string OldPackage { get; } = oldPackage;

        public string NewPackage { get; } = newPackage;

        public IReadOnlyList<string> Scope => scope ??= [.. around!.Scope, name!];

        public Place Within(string inner) => new(OldPackage, NewPackage, null, this, inner);
    }

    /// <param name="Field">The field.</param>
    /// <param name="OneOf">The oneof it is of, or null.</param>
    private readonly record struct Member(ProtoField Field, string? OneOf);

    /// <summary>A message's fields in the order of their numbers.</summary>
    private sealed class Members
    {
        private const int KeptFields = 1024;

        private ProtoMessage _message = null!;
        private Dictionary<string, bool>? _surviving;
        private HashSet<string>? _names;

        public Member[] Fields { get; private set; } = new Member[8];

        public int Count { get; private set; }

        public List<ProtoOneOf> OneOfs => _message.OneOfs;

        public void Fill(ProtoMessage message)
        {
            (_message, _surviving, _names) = (message, null, null);
            Count = message.Fields.Count;
            foreach (var oneOf in message.OneOfs)
                Count += oneOf.Fields.Count;

            if (Fields.Length < Count || Fields.Length > KeptFields)
                Fields = new Member[Math.Max(8, Count)];

            var (at, last, sorted) = (0, 0, true);
            foreach (var field in message.Fields)
            {
                sorted &= field.Number >= last;
                last = field.Number;
                Fields[at++] = new Member(field, null);
            }

            foreach (var oneOf in message.OneOfs)
            {
                foreach (var field in oneOf.Fields)
                {
                    sorted &= field.Number >= last;
                    last = field.Number;
                    Fields[at++] = new Member(field, oneOf.Name);
                }
            }

            // Most documents number their fields as they stand.
            if (!sorted)
                Array.Sort(Fields, 0, Count, ByNumber);
        }

        public Member? Find(int number)
        {
            var (low, high) = (0, Count - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var found = Fields[middle].Field.Number;
                if (found == number)
                    return Fields[middle];
                if (found < number)
                    low = middle + 1;
                else
                    high = middle - 1;
            }

            return null;
        }

        public bool Has(string oneOf) => (_names ??= OneOfs.Select(one => one.Name).ToHashSet(StringComparer.Ordinal)).Contains(oneOf);

        /// <summary>Whether a field of the oneof is left in the other message.</summary>
        public bool Survives(string oneOf, Members other)
        {
            _surviving ??= new Dictionary<string, bool>(StringComparer.Ordinal);
            if (!_surviving.TryGetValue(oneOf, out var survives))
                _surviving[oneOf] = survives = OneOfs.Find(one => one.Name == oneOf)!.Fields.Exists(field => other.Find(field.Number) is not null);

            return survives;
        }
    }
}
