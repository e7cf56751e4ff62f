namespace RealTimeMesh.Contracts;

/// <summary>A <c>.proto</c> document.</summary>
internal sealed class ProtoFile
{
    /// <summary><c>proto2</c>, <c>proto3</c>, or null where the document names none (which means proto2).</summary>
    public string? Syntax { get; set; }

    /// <summary>The edition; null where the document has a syntax.</summary>
    public string? Edition { get; set; }

    public string? Package { get; set; }

    public List<string> Imports { get; } = [];

    public List<string> PublicImports { get; } = [];

    public List<ProtoOption> Options { get; } = [];

    /// <summary>Messages and enums in the order of the document.</summary>
    public List<ProtoType> Types { get; } = [];

    public List<ProtoExtend> Extends { get; } = [];

    public List<ProtoService> Services { get; } = [];

    public bool IsProto3 => Syntax == "proto3";
}

/// <remarks>Documents have tens of thousands of small messages: a list that stays empty is not made, and readers ask first whether there is one.</remarks>
internal abstract class ProtoType(string name)
{
    private List<ProtoOption>? _options;
    private List<ProtoReserved>? _reserved;

    public string Name { get; } = name;

    public List<ProtoOption> Options => _options ??= [];

    public bool HasOptions => _options is not null;

    /// <summary>Numbers (a pair: both ends are reserved) and names.</summary>
    public List<ProtoReserved> Reserved => _reserved ??= [];

    public bool HasReserved => _reserved is not null;
}

internal sealed class ProtoMessage(string name) : ProtoType(name)
{
    private List<ProtoType>? _types;
    private List<ProtoExtend>? _extends;
    private List<ProtoReserved>? _extensions;

    public List<ProtoField> Fields { get; } = [];

    public List<ProtoOneOf> OneOfs { get; } = [];

    public List<ProtoType> Types => _types ??= [];

    public bool HasTypes => _types is not null;

    public List<ProtoExtend> Extends => _extends ??= [];

    public bool HasExtends => _extends is not null;

    public List<ProtoReserved> Extensions => _extensions ??= [];

    public bool HasExtensions => _extensions is not null;

    /// <summary>Made for a map field by a compiler; documents do not write it.</summary>
    public bool IsMapEntry { get; set; }

    /// <summary>Fields, those of oneofs too.</summary>
    public IEnumerable<ProtoField> AllFields => OneOfs.Count == 0 ? Fields : Fields.Concat(OneOfs.SelectMany(oneOf => oneOf.Fields));
}

internal sealed class ProtoEnum(string name) : ProtoType(name)
{
    public List<ProtoConstant> Constants { get; } = [];
}

/// <summary>A name of an enum.</summary>
internal sealed record ProtoConstant(string Name, int Number, IReadOnlyList<ProtoOption> Options);

/// <param name="Label"><c>optional</c>, <c>required</c>, <c>repeated</c>, or null.</param>
/// <param name="Type">A scalar, a name, or <c>map&lt;K, V&gt;</c>.</param>
/// <param name="Name">Name.</param>
/// <param name="Number">Tag.</param>
/// <param name="Options">In the order of the document; <c>default</c> and <c>json_name</c> among them.</param>
/// <param name="Group">The message that a group declares beside the field.</param>
internal sealed record ProtoField(string? Label, string Type, string Name, int Number, IReadOnlyList<ProtoOption> Options, ProtoMessage? Group = null)
{
    public bool IsMap => Type.StartsWith("map<", StringComparison.Ordinal);

    public bool IsScalar { get; } = ProtoTypes.IsScalar(Type);

    /// <summary>What the type's name stands for, once the document was checked; null for scalars and maps.</summary>
    public ProtoTypes.Entry? Declared { get; set; }

    /// <summary>The types of a map's keys and values.</summary>
    public (string Key, string Value) MapTypes
    {
        get
        {
            var comma = Type.IndexOf(',', StringComparison.Ordinal);
            return (Type[4..comma].Trim(), Type[(comma + 1)..^1].Trim());
        }
    }
}

internal sealed class ProtoOneOf(string name)
{
    public string Name { get; } = name;

    public List<ProtoField> Fields { get; } = [];

    public List<ProtoOption> Options { get; } = [];
}

/// <summary>Fields for a message of another place.</summary>
internal sealed record ProtoExtend(string Target, List<ProtoField> Fields);

internal sealed class ProtoService(string name)
{
    public string Name { get; } = name;

    public List<ProtoOption> Options { get; } = [];

    public List<ProtoRpc> Rpcs { get; } = [];
}

internal sealed record ProtoRpc(string Name, string Request, bool RequestStreams, string Response, bool ResponseStreams, IReadOnlyList<ProtoOption> Options);

/// <summary>A range of numbers, or (where <paramref name="Name"/> is set) a name.</summary>
internal sealed record ProtoReserved(int From, int To, string? Name, int Line);

/// <param name="Name">As written: <c>deprecated</c>, <c>(my.option).part</c>.</param>
/// <param name="Value">What it is set to.</param>
internal sealed record ProtoOption(string Name, ProtoValue Value);

/// <summary>A value of an option.</summary>
internal abstract record ProtoValue;

internal sealed record ProtoText(string Text) : ProtoValue;

/// <summary>A number, a name of an enum, <c>true</c> or <c>false</c>.</summary>
internal sealed record ProtoWord(string Text) : ProtoValue;

internal sealed record ProtoMap(IReadOnlyList<KeyValuePair<string, ProtoValue>> Members) : ProtoValue;

internal sealed record ProtoList(IReadOnlyList<ProtoValue> Items) : ProtoValue;
