namespace RealTimeMesh.Contracts;

/// <summary>The types that a document can name: its own, and those of all documents it refers to.</summary>
internal sealed class ProtoTypes
{
    private static readonly HashSet<string> Scalars = new(StringComparer.Ordinal)
    {
        "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64",
        "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes",
    };

    private readonly Dictionary<string, Entry> _types = new(StringComparer.Ordinal);
    private readonly string _package;

    public ProtoTypes(ProtoFile file, IEnumerable<(ProtoFile File, string Origin)> dependencies)
    {
        _package = file.Package ?? "";
        foreach (var (dependency, origin) in dependencies)
            Collect(dependency.Types, dependency.Package ?? "", dependency.Package ?? "", origin);

        Collect(file.Types, _package, _package, "");
    }

    public static bool IsScalar(string type) => Scalars.Contains(type);

    /// <summary>A type by its full name, without a leading dot.</summary>
    public Entry? Find(string fullName) => _types.GetValueOrDefault(fullName);

    /// <summary>The full name that a name stands for in a place; null where it stands for none.</summary>
    /// <param name="name">As written.</param>
    /// <param name="scope">The messages around the place, outermost first.</param>
    /// <param name="package">The package of the place; this document's where not given.</param>
    public string? Resolve(string name, IReadOnlyList<string> scope, string? package = null)
    {
        if (name.StartsWith('.'))
            return _types.ContainsKey(name[1..]) ? name[1..] : null;

        var space = package ?? _package;
        var around = space.Length == 0 ? string.Join('.', scope) : scope.Count == 0 ? space : $"{space}.{string.Join('.', scope)}";
        while (around.Length > 0)
        {
            if (_types.ContainsKey($"{around}.{name}"))
                return $"{around}.{name}";

            var dot = around.LastIndexOf('.');
            around = dot < 0 ? "" : around[..dot];
        }

        return _types.ContainsKey(name) ? name : null;
    }

    private void Collect(List<ProtoType> declared, string prefix, string package, string origin)
    {
        foreach (var type in declared)
        {
            var name = prefix.Length == 0 ? type.Name : $"{prefix}.{type.Name}";
            _types[name] = new Entry(type, package, origin, name);
            if (type is ProtoMessage message)
                Collect(message.Types, name, package, origin);
        }
    }

    /// <param name="Type">The type.</param>
    /// <param name="Package">The package it is of.</param>
    /// <param name="Origin">The version of the document it is of; empty for this one.</param>
    /// <param name="FullName">With its package.</param>
    internal sealed record Entry(ProtoType Type, string Package, string Origin, string FullName)
    {
        /// <summary>The name without the package.</summary>
        public string LocalName => Package.Length > 0 && FullName.StartsWith(Package + ".", StringComparison.Ordinal) ? FullName[(Package.Length + 1)..] : FullName;
    }
}
