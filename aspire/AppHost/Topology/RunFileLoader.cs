using System.Globalization;
using RealTimeMesh.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.AppHost.Topology;

/// <summary>Reads the run file and tells all that is wrong in it.</summary>
internal sealed class RunFileLoader(string path)
{
    private static readonly string[] RootKeys = ["version", "common", "apps"];
    private static readonly string[] CommonKeys = ["resourcesPath", "resourcesPaths", "configFilePath", "env", "appLogDestination", "daprdLogDestination", "logLevel"];
    private static readonly string[] AppKeys = ["appID", "appDirPath", "appPort", "daprHTTPPort", "daprGRPCPort", "command", "env", "resourcesPath", "resourcesPaths", "configFilePath", "appProtocol", "metricsPort", "logLevel", "appLogDestination", "daprdLogDestination", "enableAppHealthCheck", "appHealthCheckPath"];

    private readonly List<ConfigurationFault> _faults = [];

    public (RunFile? File, IReadOnlyList<ConfigurationFault> Faults) Load()
    {
        if (!File.Exists(path))
            return (null, [new ConfigurationFault(path, 0, "run file", "nothing", "a Dapr multi-app run file", "Run the host in the project's folder, or name the file with --run-file.")]);
        var yaml = new YamlStream();
        try
        {
            using var reader = new StreamReader(path);
            yaml.Load(reader);
        }
        catch (YamlException exception)
        {
            return (null, [new ConfigurationFault(path, (int)exception.Start.Line, "YAML", exception.Message, "well-formed YAML", "Mend the syntax at that place.")]);
        }

        if (yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is not YamlMappingNode root)
            return (null, [new ConfigurationFault(path, 1, "run file", "no mapping", "version, common and apps", "See dapr.yaml in the project's folder.")]);
        CheckKeys(root, RootKeys, "");
        if (Scalar(root, "version") is not "1")
            Fault(root, "version", Scalar(root, "version") ?? "nothing", "1", "Write version: 1.");
        string? resources = null;
        if (Child(root, "common") is YamlMappingNode common)
        {
            CheckKeys(common, CommonKeys, "common.");
            resources = Scalar(common, "resourcesPath") is { } relative ? FullPath(relative) : null;
        }

        List<RunApp> apps = [];
        if (Child(root, "apps") is YamlSequenceNode { Children.Count: > 0 } list)
            apps.AddRange(list.Children.Select((node, index) => ReadApp(node, $"apps[{index}]")).OfType<RunApp>());
        else
            Fault(root, "apps", "nothing", "a list of apps", "Add at least one app.");
        foreach (var twice in apps.GroupBy(app => app.AppId, StringComparer.Ordinal).Where(group => group.Count() > 1))
            _faults.Add(new ConfigurationFault(path, twice.Last().Line, "appID", $"'{twice.Key}' twice", "unique app ids", "Rename one of them."));
        return (_faults.Count == 0 ? new RunFile(path, resources, apps) : null, _faults);
    }

    private RunApp? ReadApp(YamlNode node, string element)
    {
        if (node is not YamlMappingNode app)
        {
            Fault(node, element, "no mapping", "appID, appDirPath and command", "Write the app as a mapping.");
            return null;
        }

        CheckKeys(app, AppKeys, element + ".");
        var id = Scalar(app, "appID");
        var folder = Scalar(app, "appDirPath");
        if (string.IsNullOrWhiteSpace(id))
            Fault(app, element + ".appID", "nothing", "the app's id", "Add appID.");
        if (string.IsNullOrWhiteSpace(folder))
            Fault(app, element + ".appDirPath", "nothing", "the app's folder", "Add appDirPath.");
        else if (!Directory.Exists(FullPath(folder)))
            Fault(app, element + ".appDirPath", $"'{folder}', which does not exist", "a folder, relative to the run file", "Mend the path.");
        if (id is null || folder is null)
            return null;
        return new RunApp
        {
            AppId = id,
            Directory = FullPath(folder),
            AppPort = Port(app, "appPort", element),
            DaprHttpPort = Port(app, "daprHTTPPort", element),
            DaprGrpcPort = Port(app, "daprGRPCPort", element),
            Command = Child(app, "command") is YamlSequenceNode command ? [.. command.Children.OfType<YamlScalarNode>().Select(part => part.Value ?? "")] : [],
            Environment = Child(app, "env") is YamlMappingNode env ? env.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value ?? "", pair => ((YamlScalarNode)pair.Value).Value ?? "") : new Dictionary<string, string>(),
            Line = (int)app.Start.Line,
        };
    }

    private int Port(YamlMappingNode app, string key, string element)
    {
        if (Scalar(app, key) is not { } text)
            return 0;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535)
            return port;
        Fault(Child(app, key)!, $"{element}.{key}", $"'{text}'", "a port from 0 to 65535", "Mend the number; 0 takes a free port.");
        return 0;
    }

    private void CheckKeys(YamlMappingNode node, string[] known, string prefix)
    {
        foreach (var key in node.Children.Keys.OfType<YamlScalarNode>())
        {
            if (!known.Contains(key.Value, StringComparer.Ordinal))
                Fault(key, prefix + key.Value, "an unknown key", string.Join(", ", known), "Remove or rename it.");
        }
    }

    private void Fault(YamlNode node, string element, string found, string expected, string cure) =>
        _faults.Add(new ConfigurationFault(path, (int)node.Start.Line, element, found, expected, cure));

    private string FullPath(string relative) => Path.GetFullPath(relative, Path.GetDirectoryName(Path.GetFullPath(path))!);

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Scalar(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;
}
