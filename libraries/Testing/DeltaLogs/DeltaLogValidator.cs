using System.Text.Json.Nodes;

namespace RealTimeMesh.Testing.DeltaLogs;

/// <summary>
/// Checks the log of a Delta table against the protocol, action by action: commits, checkpoints, checksums, log compactions and the hint
/// on the last checkpoint. It shares nothing with the library that writes logs, so that a misunderstanding there is not repeated here.
/// </summary>
public static class DeltaLogValidator
{
    /// <summary>The faults of a table's log; none where it is right.</summary>
    public static IReadOnlyList<LogFault> Validate(string table, LogValidation? options = null) => new Run(table, options ?? new LogValidation()).Go();

    private sealed class Run
    {
        private readonly LogFiles _files;
        private readonly LogValidation _options;
        private readonly Faults _faults = new();
        private readonly ReplayedLog _state = new();
        private readonly FeatureRules _features;
        private readonly MetadataRules _metadata;
        private readonly CommitRules _commits;
        private readonly FileRules _data;
        private readonly RowIdRules _rowIds;
        private readonly CheckpointRules _checkpoints;
        private readonly CompactionRules _compactions;

        public Run(string table, LogValidation options)
        {
            _files = new LogFiles(table);
            _options = options;
            _features = new FeatureRules(_faults, options.Strict);
            _metadata = new MetadataRules(_faults, options.Strict);
            _commits = new CommitRules(_faults, options.Strict);
            _data = new FileRules(table, options, _faults, _features);
            _rowIds = new RowIdRules(_faults);
            _checkpoints = new CheckpointRules(_files.Folder, options, _faults);
            _compactions = new CompactionRules(_files, options, _faults);
        }

        public IReadOnlyList<LogFault> Go()
        {
            if (_files.Commits.Count == 0 && _files.Checkpoints.Count == 0)
            {
                _faults.Add(-1, "_delta_log", "neither commits nor checkpoints", "a log");
                return _faults.Found;
            }

            var first = _files.Commits.Count == 0 ? _files.Checkpoints.Keys.First() : _files.Commits.Keys.First();
            if (first > 0 || !_files.Commits.ContainsKey(0))
                first = Begin(first);
            var last = _files.Commits.Count == 0 ? first - 1 : _files.Commits.Keys.Last();
            for (var version = first; version <= last; version++)
            {
                try
                {
                    Commit(version);
                }
                catch (InvalidOperationException exception)
                {
                    // A value of another type than its field, which is told already, where a rule needed it.
                    _faults.Add(version, "commit", exception.Message, "fields of their types");
                }
            }

            HintRules.Check(_files, _options, _faults);
            if (_options.ExpectFiles)
                _data.CheckThere(_state);
            return _faults.Found;
        }

        /// <summary>A log that was cleaned up begins at a checkpoint.</summary>
        private long Begin(long first)
        {
            if (_options.Parquet is null)
            {
                _faults.Add(first, "_delta_log", "no commit of version 0", "a reader for the checkpoint in its place");
                return long.MaxValue;
            }

            foreach (var (version, checkpoints) in _files.Checkpoints.Where(item => item.Key >= first - 1))
            {
                if (_checkpoints.Read(version, checkpoints[0]) is not { } actions)
                    continue;
                _state.Apply(version, actions);
                return version + 1;
            }

            _faults.Add(first, "_delta_log", "no commit of version 0 and no checkpoint from there", "one of them");
            return long.MaxValue;
        }

        private void Commit(long version)
        {
            if (!_files.Commits.TryGetValue(version, out var path))
            {
                _faults.Add(version, "_delta_log", "no commit", "every version from the first to the last");
                return;
            }

            var actions = LogText.Read(path, _options.Strict, (subject, found, expected) => _faults.Add(version, subject, found, expected));
            _compactions.Take(version, actions);
            _commits.Check(version, actions, _state);
            var (schema, live) = (_state.Schema, _state.Live.Keys.ToHashSet(StringComparer.Ordinal));
            var (features, reader, writer) = (_state.WriterFeatures, _state.ReaderVersion, _state.WriterVersion);
            var wasStamped = _state.IsOn("delta.enableInCommitTimestamps");
            _state.Apply(version, actions);
            if (_state.Protocol is null || _state.Metadata is null)
            {
                _faults.Add(version, "commit", "no protocol or no metaData so far", "both from the first version on");
                return;
            }

            if (actions.Any(action => action.Name == "protocol"))
                _features.CheckProtocol(_state, features, reader, writer);
            if (actions.Any(action => action.Name == "metaData"))
                _metadata.Check(_state, schema, _state.Live.Keys.Any(live.Contains));
            if (actions.Any(action => action.Name is "protocol" or "metaData" or "domainMetadata"))
                _features.CheckUse(_state);
            _commits.CheckAfter(version, actions, _state, wasStamped);
            _data.Check(_state, actions);
            _rowIds.Check(_state, actions);
            if (_files.Checksums.TryGetValue(version, out var checksum))
                ChecksumRules.Check(checksum, _state, _options.Strict, _faults);
            foreach (var checkpoint in _files.Checkpoints.GetValueOrDefault(version) ?? [])
                _checkpoints.Check(_state, checkpoint, _features);
            _compactions.Check(version, _state);
        }
    }
}
