using System.Buffers;

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
    private readonly Dictionary<string, Entry>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly string _package;

    public ProtoTypes(ProtoFile file, IEnumerable<(ProtoFile File, string Origin)> dependencies)
    {
        _package = file.Package ?? "";
        _bySpan = _types.GetAlternateLookup<ReadOnlySpan<char>>();
        _types.EnsureCapacity(file.Types.Count);
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
    public string? Resolve(string name, IReadOnlyList<string> scope, string? package = null) => ResolveType(name, scope, package)?.FullName;

    /// <summary>As <see cref="Resolve"/>, the type itself.</summary>
    public Entry? ResolveType(string name, IReadOnlyList<string> scope, string? package = null)
    {
        if (name.StartsWith('.'))
            return _bySpan.TryGetValue(name.AsSpan(1), out var absolute) ? absolute : null;

        // Documents of thousands of messages look up as many names: they are put together in one buffer, innermost place first.
        package ??= _package;
        var length = package.Length + name.Length + 1;
        for (var i = 0; i < scope.Count; i++)
            length += scope[i].Length + 1;
        char[]? rented = null;
        var buffer = length > 256 ? (rented = ArrayPool<char>.Shared.Rent(length)) : stackalloc char[256];
        try
        {
            for (var around = Around(buffer, package, scope); around > 0; around = Math.Max(0, buffer[..around].LastIndexOf('.')))
            {
                var place = around + 1;
                buffer[around] = '.';
                name.CopyTo(buffer[place..]);
                if (_bySpan.TryGetValue(buffer[..(place + name.Length)], out var found))
                    return found;
            }

            return _types.GetValueOrDefault(name);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }

    private static int Around(Span<char> buffer, string package, IReadOnlyList<string> scope)
    {
        package.CopyTo(buffer);
        var length = package.Length;
        for (var i = 0; i < scope.Count; i++)
        {
            if (length > 0)
                buffer[length++] = '.';
            scope[i].CopyTo(buffer[length..]);
            length += scope[i].Length;
        }

        return length;
    }

    private void Collect(List<ProtoType> declared, string prefix, string package, string origin)
    {
        foreach (var type in declared)
        {
            var name = prefix.Length == 0 ? type.Name : $"{prefix}.{type.Name}";
            _types[name] = new Entry(type, package, origin, name);
            if (type is ProtoMessage { HasTypes: true } message)
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
