namespace RealTimeMesh.Contracts;

/// <summary>What a document may not have although it can be read: names and numbers given twice, types that nobody declares.</summary>
internal sealed class ProtoCheck(ProtoFile file, ProtoTypes types)
{
    private const int KeptCapacity = 256;

    private readonly List<string> _scope = [];

    // Most messages are small: these are emptied for each, not made. Emptying large ones takes longer than making new ones.
    private HashSet<string> _names = new(StringComparer.Ordinal);
    private Dictionary<int, string> _numbers = [];

    public void Run()
    {
        Names(file.Types.Select(type => type.Name).Concat(file.Services.Select(service => service.Name)), null);
        Types(file.Types);
        foreach (var extend in file.Extends)
            Extend(extend);

        foreach (var rpc in file.Services.SelectMany(service => service.Rpcs))
        {
            Known(rpc.Request, $"rpc {rpc.Name}");
            Known(rpc.Response, $"rpc {rpc.Name}");
        }
    }

    private void Types(List<ProtoType> declared)
    {
        foreach (var type in declared)
        {
            if (type is ProtoMessage message)
                Message(message);
            else
                Enum((ProtoEnum)type);
        }
    }

    private void Message(ProtoMessage message)
    {
        _scope.Add(message.Name);
        Members(message);
        if (message.HasTypes)
            Names(message.Types.Select(type => type.Name), "message");
        Fields(message);
        if (message.OneOfs.Find(oneOf => oneOf.Fields.Count == 0) is { } empty)
            throw Fault(Place("message"), $"oneof '{empty.Name}' without fields", "at least one field");

        if (message.HasExtends)
            message.Extends.ForEach(Extend);

        if (message.HasTypes)
            Types(message.Types);
        _scope.RemoveAt(_scope.Count - 1);
    }

    /// <summary>Fields and oneofs share one space of names.</summary>
    private void Members(ProtoMessage message)
    {
        Emptied();
        foreach (var field in message.Fields)
            Once(field.Name, "message");
        foreach (var oneOf in message.OneOfs)
        {
            foreach (var field in oneOf.Fields)
                Once(field.Name, "message");
        }

        foreach (var oneOf in message.OneOfs)
            Once(oneOf.Name, "message");
    }

    private void Fields(ProtoMessage message)
    {
        if (_numbers.Capacity > KeptCapacity)
            _numbers = [];
        _numbers.Clear();
        var reserved = !message.HasReserved ? null : new ReservedSet(message.Reserved);
        foreach (var field in message.Fields)
            Field(field, reserved);
        foreach (var oneOf in message.OneOfs)
        {
            foreach (var field in oneOf.Fields)
                Field(field, reserved);
        }
    }

    private void Field(ProtoField field, ReservedSet? reserved)
    {
        Number(field, null);
        if (!_numbers.TryAdd(field.Number, field.Name))
            throw Fault(Place("message"), $"number {field.Number} of fields '{_numbers[field.Number]}' and '{field.Name}'", "a number of its own for each field");

        if (reserved?.Has(field) == true)
            throw Fault(Place("message"), $"field '{field.Name}' = {field.Number}", "no name and no number that is reserved");

        Type(field, null);
    }

    /// <param name="field">The field.</param>
    /// <param name="place">Where it stands; null for the message that is being checked.</param>
    private void Type(ProtoField field, string? place)
    {
        if (file.IsProto3 && field.Label == "required")
            throw Fault(place ?? Place("message"), $"required field '{field.Name}'", "no required fields in proto3");

        if (field.IsScalar)
            return;

        var isMap = field.IsMap;
        var type = isMap ? field.MapTypes.Value : field.Type;
        if (isMap && ProtoTypes.IsScalar(type))
            return;

        var found = types.ResolveType(type, _scope) ?? throw Unknown(type, $"{place ?? Place("message")}, field '{field.Name}'");
        if (!isMap)
            field.Declared = found;
    }

    private void Extend(ProtoExtend extend)
    {
        Known(extend.Target, $"extend {extend.Target}");
        foreach (var field in extend.Fields)
        {
            Number(field, $"extend {extend.Target}");
            Type(field, $"extend {extend.Target}");
        }
    }

    private void Enum(ProtoEnum found)
    {
        _scope.Add(found.Name);
        Values(found);
        _scope.RemoveAt(_scope.Count - 1);
    }

    private void Values(ProtoEnum found)
    {
        if (found.Constants.Count == 0)
            throw Fault(Place("enum"), "no values", "at least one");

        if (file.IsProto3 && found.Constants[0].Number != 0)
            throw Fault(Place("enum"), $"first value '{found.Constants[0].Name}' = {found.Constants[0].Number}", "0, as proto3 asks for");

        Names(found.Constants.Select(constant => constant.Name), "enum");
        var aliases = found.Options.Exists(option => option is { Name: "allow_alias", Value: ProtoWord { Text: "true" } });
        if (!aliases && found.Constants.GroupBy(constant => constant.Number).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            throw Fault(Place("enum"), $"number {twice.Key} twice", "a number of its own for each value, or option allow_alias");
    }

    private void Known(string type, string place)
    {
        if (types.ResolveType(type, _scope) is null)
            throw Unknown(type, place);
    }

    private void Number(ProtoField field, string? place)
    {
        if (field.Number is < 1 or > ProtoParser.HighestTag or (>= 19_000 and <= 19_999))
            throw Fault(place ?? Place("message"), $"field '{field.Name}' = {field.Number}", $"a number from 1 to {ProtoParser.HighestTag}, not from 19000 to 19999");
    }

    /// <param name="names">Names that may stand once.</param>
    /// <param name="kind">What the scope is; null for the document.</param>
    private void Names(IEnumerable<string> names, string? kind)
    {
        Emptied();
        foreach (var name in names)
            Once(name, kind);
    }

    private void Emptied()
    {
        if (_names.Capacity > KeptCapacity)
            _names = new HashSet<string>(StringComparer.Ordinal);
        _names.Clear();
    }

    private void Once(string name, string? kind)
    {
        if (!_names.Add(name))
            throw Fault(kind is null ? "the document" : Place(kind), $"name '{name}' twice", "each name once");
    }

    /// <summary>Names the scope; only where something is wrong with it.</summary>
    private string Place(string kind) => $"{kind} {string.Join('.', _scope)}";

    /// <summary>What is reserved, in an order that is searched quickly: generated documents reserve thousands.</summary>
    private sealed class ReservedSet
    {
        private readonly HashSet<string> _names;
        private readonly int[] _from;
        private readonly int[] _to;

        public ReservedSet(List<ProtoReserved> reserved)
        {
            _names = reserved.Where(range => range.Name is not null).Select(range => range.Name!).ToHashSet(StringComparer.Ordinal);
            var ranges = reserved.Where(range => range.Name is null).OrderBy(range => range.From).ToArray();
            _from = [.. ranges.Select(range => range.From)];
            _to = new int[ranges.Length];
            for (var i = 0; i < ranges.Length; i++)
                _to[i] = i == 0 ? ranges[i].To : Math.Max(_to[i - 1], ranges[i].To);
        }

        public bool Has(ProtoField field)
        {
            if (_names.Contains(field.Name))
                return true;

            var found = Array.BinarySearch(_from, field.Number);
            var last = found >= 0 ? found : ~found - 1;
            return last >= 0 && field.Number <= _to[last];
        }
    }

    private static ContractException Unknown(string type, string place) =>
        Fault(place, $"type '{type}'", "a type that this document or an imported one declares; name the imported document among the references");

    private static ContractException Fault(string place, string found, string expected) => new($"{place}: found {found}; expected {expected}");
}
